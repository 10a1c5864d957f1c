import type { Random } from '#kernel';

export interface BackoffOptions {
  /** Milliseconds; the first delay is at most this long. */
  readonly base: number;
  /** Milliseconds; no delay is longer. */
  readonly cap: number;
}

/**
 * Exponential backoff with full jitter: the n-th delay is uniform in [0, min(cap, base · 2ⁿ)], so that agents
 * that lost the same server do not return in step (M. Brooker, "Exponential Backoff And Jitter", AWS, 2015).
 */
export class Backoff {
  #attempts = 0;

  constructor(
    readonly random: Random,
    readonly options: BackoffOptions,
  ) {}

  /** How long to wait before the next attempt, in milliseconds. */
  next(): number {
    const { base, cap } = this.options;
    const ceiling = Math.min(cap, base * 2 ** Math.min(this.#attempts++, 30));
    return Math.floor(uniform(this.random) * ceiling);
  }

  /** After success: the next failure starts over. */
  reset(): void {
    this.#attempts = 0;
  }
}

/** A number in [0, 1) with 32 random bits. */
function uniform(random: Random): number {
  let value = 0;
  for (const byte of random.bytes(4)) value = value * 256 + byte;
  return value / 2 ** 32;
}
