import { rngChacha8 } from '@noble/ciphers/chacha.js';
import type { Random } from '#kernel';

/** Randomness that one number determines, for simulations and tests only. */
export function seededRandom(seed: number): Random {
  const generator = rngChacha8(Uint8Array.of(seed, seed >>> 8, seed >>> 16, seed >>> 24));
  return { bytes: (length) => (length === 0 ? new Uint8Array() : generator.randomBytes(length)) };
}
