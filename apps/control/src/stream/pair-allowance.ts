import type { Clock } from '#kernel';

/** Two agreements on a key, one right after the other, with a repetition of each letter. */
const BURST = 16;
const PER_SECOND = 1;
/** Pairs that are remembered; most have their whole burst again, and are then forgotten. */
const MOST_PAIRS = 10_000;

interface Bucket {
  tokens: number;
  at: number;
}

/** How many letters one node may write to another: a token bucket for each pair and direction. */
export class PairAllowance {
  readonly #buckets = new Map<string, Bucket>();
  #forgotAt = 0;

  constructor(private readonly clock: Clock) {}

  /** Pairs that are remembered. */
  get size(): number {
    return this.#buckets.size;
  }

  /** @returns false when there were too many lately */
  take(from: string, to: string): boolean {
    const now = this.clock.now();
    if (this.#buckets.size >= MOST_PAIRS && now - this.#forgotAt >= 1000) this.#forgetFull(now);
    const pair = `${from} ${to}`;
    const bucket = this.#buckets.get(pair) ?? { tokens: BURST, at: now };
    bucket.tokens = filled(bucket, now);
    bucket.at = now;
    this.#buckets.set(pair, bucket);
    if (bucket.tokens < 1) return false;
    bucket.tokens -= 1;
    return true;
  }

  #forgetFull(now: number): void {
    this.#forgotAt = now;
    for (const [pair, bucket] of this.#buckets) if (filled(bucket, now) >= BURST) this.#buckets.delete(pair);
  }
}

const filled = ({ tokens, at }: Bucket, now: number): number =>
  Math.min(BURST, tokens + (Math.max(0, now - at) / 1000) * PER_SECOND);
