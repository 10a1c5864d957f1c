import { describe, expect, test } from '@jest/globals';
import { NativeCrypto } from '#crypto/native';
import { LAWFUL } from './lawful.js';
import { simulate } from './simulate.js';
import { World } from './world.js';

const crypto = new NativeCrypto();
/** Where to begin: another number searches other histories. */
const FIRST = Number(process.env.SIM_SEED ?? 1_000);

describe('the law of law.spec.ts, in many more histories', () => {
  test.each(Array.from({ length: 120 }, (_, i) => FIRST + i))('seed %i', async (seed) => {
    expect(await simulate(new World(seed, crypto))).toMatchObject(LAWFUL);
  });
});
