import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { mergeChanges } from './change.js';
import { arbitraryLedger } from './testing/arbitrary-ledger.js';
import { type Followed, followAll } from './testing/follow.js';
import {
  expectExactStep,
  expectHistoryIsForgotten,
  expectPolicyAgrees,
  expectTwinsAgree,
  Tally,
} from './testing/laws.js';

/** A law of a history, as its networks from none to the last, and of two numbers to pick some of these by. */
const holds = (numRuns: number, law: (moments: readonly Followed[], a: number, b: number) => void) =>
  fc.assert(
    fc.property(arbitraryLedger(90), fc.nat(), fc.nat(), (events, a, b) => law(followAll(events), a, b)),
    // Also an end to shrinking.
    { numRuns },
  );

describe('in random histories', () => {
  test('after every event, every node is told what the slow twin says', () => {
    const tally = new Tally();
    holds(15, (all) => {
      for (const moment of all) expectTwinsAgree(moment, tally);
    });
    for (const kind of ['self', 'peer', 'route', 'rule', 'dns']) expect(tally.of(kind)).toBeGreaterThan(0);
  });

  test('after every event, all whose netmap changed are affected, few others are, and the diffs are exact', () => {
    const tally = new Tally();
    holds(10, (all) => {
      all.slice(1).forEach(({ network, change }, index) => {
        expectExactStep((all[index] as Followed).network, network, change, tally);
      });
    });
    // Were everybody affected by everything, this would fail, for most netmaps stay as they are.
    expect(tally.of('affected')).toBeLessThanOrEqual(1.1 * tally.of('changed'));
    expect(tally.of('calm')).toBeGreaterThan(tally.of('changed'));
    expect(tally.of('changed')).toBeGreaterThan(10);
  });

  test('between any two revisions, the diffs are exact, also by a change that says more', () => {
    const tally = new Tally();
    holds(40, (all, a, b) => {
      const [from, to] = [a % all.length, b % all.length].sort((x, y) => x - y) as [number, number];
      const { network: before } = all[from] as Followed;
      const { network: after } = all[to] as Followed;
      const everything = mergeChanges(...all.map(({ change }) => change));
      expectExactStep(before, after, mergeChanges(...all.slice(from + 1, to + 1).map(({ change }) => change)), tally);
      expectExactStep(before, after, everything, tally);
      expectExactStep((all[from >> 1] as Followed).network, after, everything, tally);
    });
    expect(tally.of('changed')).toBeGreaterThan(10);
  });

  test('peers and routes are those of the policy library, which is held to what the reference does', () => {
    const tally = new Tally();
    holds(50, (all) => expectPolicyAgrees(all.at(-1) as Followed, tally));
    expect(tally.of('route')).toBeGreaterThan(0);
  });

  test('a network follows from its state alone', () => {
    holds(20, (all) => expectHistoryIsForgotten(all.at(-1) as Followed));
  });
});
