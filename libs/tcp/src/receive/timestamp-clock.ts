import { TIMESTAMP_LIFE } from '../protocol.js';
import type { Timestamps } from '../segment/segment.js';

/** The timestamps of a connection: they measure round trips, and tell old segments from new ones (RFC 7323, 4 and 5). */
export class TimestampClock {
  #recent = 0;
  #recentAt = Number.NEGATIVE_INFINITY;

  /**
   * @param offset makes the values of this stack unlike its uptime
   * @param peer what the peer's first segment said
   */
  constructor(
    readonly offset: number,
    now: number,
    peer: Timestamps,
  ) {
    this.#recent = peer.value;
    this.#recentAt = now;
  }

  /** What a segment that leaves now says. */
  stamp(now: number): Timestamps {
    return { value: timestampValue(now, this.offset), echo: this.#recent };
  }

  /** Whether the segment is an old one that comes late: protection against wrapped sequences (5.3, R1). */
  isOld(now: number, { value }: Timestamps): boolean {
    return ((value - this.#recent) | 0) < 0 && now - this.#recentAt < TIMESTAMP_LIFE;
  }

  /** Remembers what to echo; only of segments at the edge of what was acknowledged (4.3, 2). */
  remember(now: number, { value }: Timestamps): void {
    this.#recent = value;
    this.#recentAt = now;
  }

  /** The round trip in ms of the segment that this one answers; undefined for what we never sent. */
  roundTrip(now: number, { echo }: Timestamps): number | undefined {
    const elapsed = (timestampValue(now, this.offset) - echo) | 0;
    return elapsed < 0 ? undefined : elapsed;
  }
}

/** A timestamp: milliseconds from a secret start, 32 bits. */
export const timestampValue = (now: number, offset: number): number => (Math.floor(now) + offset) >>> 0;
