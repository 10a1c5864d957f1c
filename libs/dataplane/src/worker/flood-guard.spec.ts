import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { FloodGuard } from './flood-guard.js';
import { Refusals, type Source } from './refusals.js';

/** A guard whose gate remembers what it was told; the kernel may not be able to. */
function guardOf(able = true) {
  const told: string[] = [];
  const refusals = new Refusals<Source>();
  const gate = {
    narrow: (blocked: readonly Source[], oneIn: number) => {
      told.push(`${blocked.map(({ source }) => source).join(' ')} 1/${oneIn}`.trim());
      return able;
    },
    open: () => told.push('open'),
  };
  const refuse = (count: number, sourceOf: (index: number) => number | string, isInitiation = true) => {
    for (let i = 0; i < count; i++) refusals.note({ source: String(sourceOf(i)) }, isInitiation);
  };
  const guard = new FloodGuard(refusals, gate);
  expect(told.splice(0)).toEqual(['open']); // whatever another one left behind
  return { told, refuse, guard };
}

test('the sources of a flood are not heard, and are again five seconds after they were heard last', () => {
  const { told, refuse, guard } = guardOf();
  guard.look(0);
  refuse(1_000, (index) => index % 2);
  guard.look(100);
  expect([told, guard.patience(100)]).toEqual([[], Number.POSITIVE_INFINITY]);
  refuse(200, () => 'stranger');
  guard.look(200);
  expect([told, guard.patience(200)]).toEqual([['0 1 stranger 1/1'], 5_000]);
  refuse(2_000, (index) => index % 3 && 'third');
  guard.look(300);
  guard.look(5_299);
  expect([told.slice(1), guard.patience(5_299)]).toEqual([['0 1 stranger third 1/1'], 1]);
  guard.look(5_300);
  expect([told.slice(2), guard.patience(5_300)]).toEqual([['open'], Number.POSITIVE_INFINITY]);
});

test('of a flood from everywhere ever less gets through, but never nothing', () => {
  const { told, refuse, guard } = guardOf();
  for (let time = 0; time < 400; time += 100) {
    refuse(1_100, (index) => index);
    guard.look(time);
  }
  expect(told).toEqual(['1/16', '1/256', '1/4096']);
});

test('answers to nothing, from everywhere, are no reason to hear fewer strangers', () => {
  const { told, refuse, guard } = guardOf();
  refuse(5_000, (index) => index, false);
  guard.look(0);
  expect([told, guard.patience(0)]).toEqual([[], Number.POSITIVE_INFINITY]);
});

test('a thousand a second are no flood', () => {
  const { told, refuse, guard } = guardOf();
  for (let second = 0; second < 60; second++) {
    refuse(1_000, () => 'stranger');
    guard.look(second * 1_000);
  }
  expect(told).toEqual([]);
});

test('however floods come and go, all are heard in the end', () => {
  const turn = fc.record({ time: fc.nat(3_000), refused: fc.nat(3_000), sources: fc.integer({ min: 1, max: 5_000 }) });
  fc.assert(
    fc.property(fc.array(turn, { maxLength: 100 }), (turns) => {
      const { told, refuse, guard } = guardOf();
      let now = 0;
      for (const { time, refused, sources } of turns) {
        now += time;
        refuse(refused, (index) => index % sources);
        guard.look(now);
      }
      guard.look(now + 5_000);
      expect(told.at(-1) ?? 'open').toBe('open');
      expect(guard.patience(now + 5_000)).toBe(Number.POSITIVE_INFINITY);
    }),
    { numRuns: 50 },
  );
});

test('where the kernel cannot, nothing is to be undone', () => {
  const { told, refuse, guard } = guardOf(false);
  refuse(2_000, (index) => index);
  guard.look(0);
  guard.look(60_000);
  expect([told, guard.patience(60_000)]).toEqual([['1/16'], Number.POSITIVE_INFINITY]);
});
