import { expect, test } from '@jest/globals';
import type { NetmapDiff } from '#netmap';
import { ManualClock } from '../testing/manual-clock.js';
import type { Delivered } from './delivered.js';
import { StreamWitness } from './stream-witness.js';

const peer = (id: string) => ({ kind: 'peer', id }) as never;
const ADDED = { removed: [], upserted: [{ after: peer('a') }, { after: peer('b') }] };
const CHANGED = { removed: [peer('a')], upserted: [{ before: peer('b'), after: peer('b') }] };

function setup() {
  const clock = new ManualClock(0);
  const facts: Delivered[] = [];
  const witness = new StreamWitness('n', (fact) => facts.push(fact), clock);
  const step = (revision: number, base: number | undefined, diff: NetmapDiff = CHANGED) =>
    witness.sent({ revision, base, diff, bytes: 10 * revision });
  return { clock, facts, witness, step };
}

test('each frame is noted when it is acknowledged, with what it did and how long it took', () => {
  const { clock, facts, witness, step } = setup();
  step(5, undefined, ADDED);
  clock.advance(7);
  step(6, 5);
  expect([witness.sentAt(4), witness.sentAt(5), witness.sentAt(6), witness.sentAt(7)]).toEqual([0, 0, 7, undefined]);
  clock.advance(3);
  witness.applied(9); // it was compared with 9 since, and nothing had changed
  expect(facts).toEqual([
    {
      kind: 'frame',
      nodeId: 'n',
      holds: 5,
      at: 10,
      frame: { revision: 5, base: undefined, sentAt: 0, bytes: 50, counts: { peer: counts(0, 0, 2) } },
    },
    {
      kind: 'frame',
      nodeId: 'n',
      holds: 9,
      at: 10,
      frame: { revision: 6, base: 5, sentAt: 7, bytes: 60, counts: { peer: counts(1, 1, 0) } },
    },
  ]);
  expect(witness.sentAt(5)).toBeUndefined();
});

test('frames that a snapshot took the place of do not count', () => {
  const { facts, witness, step } = setup();
  step(5, 4);
  step(6, undefined, ADDED);
  witness.applied(6);
  expect(facts.map(({ holds, frame }) => [holds, frame?.base])).toEqual([[6, undefined]]);
});

test('an agent that came back, had nothing to be told and left says so, once each', () => {
  const { facts, witness } = setup();
  witness.resumed(3);
  witness.applied(3);
  witness.applied(8);
  witness.applied(8);
  witness.left();
  expect(facts.map(({ kind, holds }) => [kind, holds])).toEqual([
    ['resumed', 3],
    ['unchanged', 8],
    ['left', 8],
  ]);
});

const counts = (removed: number, replaced: number, added: number) => ({ removed, replaced, added });
