import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { arbitraryLedger } from './testing/arbitrary-ledger.js';
import { type Followed, followAll } from './testing/follow.js';
import {
  expectExactStep,
  expectHistoryIsForgotten,
  expectPolicyAgrees,
  expectTwinsAgree,
  Tally,
} from './testing/laws.js';

test('all laws hold after every event of long histories', () => {
  const tally = new Tally();
  fc.assert(
    fc.property(arbitraryLedger(1_000), (events) => {
      const all = followAll(events);
      all.forEach((moment, index) => {
        const before = all[index - 1];
        expectTwinsAgree(moment, tally);
        expectPolicyAgrees(moment, tally);
        if (before) expectExactStep(before.network, moment.network, moment.change, tally);
      });
      expectHistoryIsForgotten(all.at(-1) as Followed);
    }),
    { numRuns: 5 },
  );
  expect(tally.of('affected')).toBeLessThanOrEqual(1.1 * tally.of('changed'));
});
