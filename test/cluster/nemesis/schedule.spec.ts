import { expect, test } from '@jest/globals';
import { FAULTS, scheduleOf } from './schedule.js';

const plan = { seed: 7, rounds: 2 * FAULTS.length, replicas: 3, kafka: true };

test('the seed decides everything', () => {
  expect(scheduleOf(plan)).toEqual(scheduleOf(plan));
  expect(scheduleOf({ ...plan, seed: 8 })).not.toEqual(scheduleOf(plan));
});

test('each fault comes before any comes again', () => {
  const faults = scheduleOf(plan).map(({ fault }) => fault);
  expect(faults.slice(0, FAULTS.length).sort()).toEqual([...FAULTS].sort());
  expect(faults.slice(FAULTS.length).sort()).toEqual([...FAULTS].sort());
});

test('what cannot go wrong does not', () => {
  const faults = scheduleOf({ ...plan, replicas: 1, kafka: false }).map(({ fault }) => fault);
  expect(faults).not.toContain('cut Kafka');
  expect(faults).not.toContain('freeze and cut another');
  for (const { victims } of scheduleOf(plan)) expect(victims.toSorted()).toEqual([0, 1, 2]);
});
