/** Handshake messages that one source may send in a second, and at once (5.3; the figures of the kernel). */
const PER_SECOND = 20;
const BURST = 5;
const COST = 1000 / PER_SECOND;
const CAPACITY = BURST * COST;
/** Sources remembered at most; once full of busy ones, new sources are refused. */
const MAX_SOURCES = 16_384;

interface Bucket {
  /** Milliseconds' worth of messages that may still come. */
  credit: number;
  updatedAt: number;
}

/** A token bucket per source address, for use under load. Its memory is bounded. */
export class RateLimiter {
  private readonly buckets = new Map<string, Bucket>();
  private sweptAt = Number.NEGATIVE_INFINITY;

  allow(now: number, source: string): boolean {
    this.sweep(now);
    const bucket = this.buckets.get(source);
    if (!bucket) return this.admit(now, source);
    bucket.credit = Math.min(CAPACITY, bucket.credit + (now - bucket.updatedAt));
    bucket.updatedAt = now;
    if (bucket.credit < COST) return false;
    bucket.credit -= COST;
    return true;
  }

  private admit(now: number, source: string): boolean {
    if (this.buckets.size >= MAX_SOURCES) return false;
    this.buckets.set(source, { credit: CAPACITY - COST, updatedAt: now });
    return true;
  }

  /** Forgets the sources whose buckets are full again: they are as good as new. */
  private sweep(now: number): void {
    if (now - this.sweptAt < 1000) return;
    this.sweptAt = now;
    for (const [source, bucket] of this.buckets) {
      if (bucket.credit + (now - bucket.updatedAt) >= CAPACITY) this.buckets.delete(source);
    }
  }
}
