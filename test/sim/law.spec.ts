import { describe, expect, test } from '@jest/globals';
import { NativeCrypto } from '#crypto/native';
import { LAWFUL } from './lawful.js';
import { type Count, simulate } from './simulate.js';
import { World } from './world.js';

const crypto = new NativeCrypto();
/** In the slow tier there are hundreds. */
const SEEDS = Array.from({ length: 12 }, (_, i) => i);

/** So much at least must have happened in all runs together, or they show nothing. */
const LEAST: Readonly<Record<Count, number>> = {
  passed: 300,
  answers: 300,
  denied: 300,
  revoked: 10,
  proven: 50,
  refuted: 60,
  rotated: 6,
  published: 30,
  routes: 30,
  snapshots: SEEDS.length,
  diffs: 250,
  resumed: 20,
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
