import type { Start } from '../bus.js';

/** What a broker says about one partition: the offsets of its first message and of the next one. */
export interface PartitionRange {
  readonly partition: number;
  readonly low: string;
  readonly high: string;
}

/** How far a subscription has come in each partition of a topic, and how far it has to come to be up to date. */
export class LogPositions {
  readonly #next = new Map<number, bigint>();
  readonly #targets = new Map<number, bigint>();

  get known(): boolean {
    return this.#next.size > 0;
  }

  /** Partitions that are added to the topic later are read from their beginning. */
  begin(ranges: readonly PartitionRange[], start: Start): void {
    for (const { partition, low, high } of ranges) {
      this.#next.set(partition, BigInt(start === 'newest' ? high : low));
      this.#targets.set(partition, BigInt(high));
    }
  }

  /** Everything before this offset has been handled. A topic that was made anew begins at 0 again. */
  reached(partition: number, offset: bigint): void {
    this.#next.set(partition, offset);
  }

  /** Whether everything has been handled that was there at the beginning. */
  get caughtUp(): boolean {
    for (const [partition, target] of this.#targets) if ((this.#next.get(partition) ?? 0n) < target) return false;
    return this.known;
  }

  *[Symbol.iterator](): Iterator<{ readonly partition: number; readonly offset: string }> {
    for (const [partition, offset] of this.#next) yield { partition, offset: String(offset) };
  }
}
