import { expect, test } from '@jest/globals';
import { ManualClock } from '../testing/manual-clock.js';
import { PairAllowance } from './pair-allowance.js';

test('each pair and direction has an allowance of its own, which fills again', () => {
  const clock = new ManualClock();
  const allowance = new PairAllowance(clock);
  const took = (from: string, to: string) =>
    Array.from({ length: 50 }, () => allowance.take(from, to)).filter(Boolean).length;
  expect([took('a', 'b'), took('b', 'a'), took('a', 'c'), took('a', 'b')]).toEqual([16, 16, 16, 0]);
  clock.advance(3_000);
  expect(took('a', 'b')).toBe(3);
  clock.advance(3_600_000);
  expect(took('a', 'b')).toBe(16);
});

test('who has not written for a while is forgotten', () => {
  const clock = new ManualClock();
  const allowance = new PairAllowance(clock);
  for (let i = 0; i < 10_000; i++) allowance.take('a', `${i}`);
  clock.advance(60_000);
  for (let i = 0; i < 100; i++) allowance.take('b', `${i}`);
  expect(allowance.size).toBe(100);
});
