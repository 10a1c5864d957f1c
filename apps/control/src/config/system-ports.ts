import { randomBytes } from 'node:crypto';
import type { Clock, Random } from '#kernel';

/** The time of the machine. */
export const systemClock: Clock = { now: () => Date.now() };

/** The randomness of the operating system. */
export const systemRandom: Random = { bytes: (length) => new Uint8Array(randomBytes(length)) };
