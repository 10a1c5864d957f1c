import type { Clock } from '#kernel';

/** The time of the machine. */
export const systemClock: Clock = { now: () => Date.now() };
