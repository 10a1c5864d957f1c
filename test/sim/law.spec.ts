import { describe, expect, test } from '@jest/globals';
import { NativeCrypto } from '#crypto/native';
import { LAWFUL } from './lawful.js';
import { type Count, simulate } from './simulate.js';
import { World } from './world.js';

const crypto = new NativeCrypto();
/** In the slow tier there are hundreds. */
const SEEDS = [1, 2, 4, 6];

/** So much at least must have happened in all runs together, or they show nothing. */
const LEAST: Readonly<Record<Count, number>> = {
  passed: 100,
  answers: 100,
  denied: 100,
  revoked: 4,
  proven: 15,
  refuted: 20,
  rotated: 2,
  published: 10,
  routes: 10,
  snapshots: SEEDS.length,
  diffs: 80,
  resumed: 7,
};

describe('no agent passes a packet that the revision it has acknowledged denies; in the end, all passes that may', () => {
  const totals = new Map<string, number>();

  test.each(SEEDS)('seed %i', async (seed) => {
    const outcome = await simulate(new World(seed, crypto));
    expect(outcome).toMatchObject(LAWFUL);
    for (const [count, value] of Object.entries(outcome.counts)) totals.set(count, (totals.get(count) ?? 0) + value);
  });

  test('there was something to see', () => {
    const tooFew = Object.entries(LEAST).filter(([count, least]) => (totals.get(count) ?? 0) < least);
    expect(tooFew).toEqual([]);
  });
});
