import { expect, test } from '@jest/globals';
import { Dice } from '#sim';
import { DelayLine } from './delay-line.js';

test.each([1, 2, 3])('nothing overtakes, whatever it takes, seed %i', async (seed) => {
  const dice = new Dice(seed);
  const line = new DelayLine();
  const came: number[] = [];
  const all = Array.from({ length: 200 }, (_, i) => i);
  const { promise, resolve } = Promise.withResolvers<void>();
  for (const i of all) {
    line.pass(dice.chance(0.3) ? 0 : dice.below(20), () => {
      came.push(i);
      if (came.length === all.length) resolve();
    });
    if (dice.chance(0.2)) await new Promise((done) => setTimeout(done, dice.below(3)));
  }
  await promise;
  expect(came).toEqual(all);
});
