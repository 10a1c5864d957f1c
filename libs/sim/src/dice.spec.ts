import { expect, test } from '@jest/globals';
import { Dice } from './dice.js';

test('the same seed throws the same, another one something else', () => {
  const throws = (seed: number) => {
    const dice = new Dice(seed);
    return Array.from({ length: 20 }, () => dice.below(1_000));
  };
  expect(throws(7)).toEqual(throws(7));
  expect(throws(7)).not.toEqual(throws(8));
});

test('every number below the bound comes about as often as every other', () => {
  const dice = new Dice(0);
  const counts = new Array<number>(6).fill(0);
  for (let i = 0; i < 6_000; i++) {
    const thrown = dice.below(6);
    counts[thrown] = (counts[thrown] ?? 0) + 1;
  }
  for (const count of counts) expect(Math.abs(count - 1_000)).toBeLessThan(150);
});
