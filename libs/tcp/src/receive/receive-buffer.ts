import { type Range, RangeSet } from '../buffer/range-set.js';
import { StreamBytes } from '../buffer/stream-bytes.js';
import { MOST_SACK_BLOCKS } from '../protocol.js';

/** Holes that are kept track of; data that would make another is dropped, and comes again. */
const MOST_HOLES = 256;
const NONE: readonly Range[] = [];

/**
 * What arrived and is not read yet, by its offset in the peer's stream, in whatever order it came. Its memory is
 * bounded by the window: nothing outside is taken.
 */
export class ReceiveBuffer {
  readonly #bytes = new StreamBytes();
  readonly #ahead = new RangeSet(MOST_HOLES);
  /** Offsets of what came out of order lately, the newest first. */
  #recent: number[] = [];
  #read = 1;
  #next = 1;

  constructor(readonly capacity: number) {}

  /** The first offset that has not arrived (RCV.NXT, but for a FIN). */
  get next(): number {
    return this.#next;
  }

  /** Bytes that can be read. */
  get readable(): number {
    return this.#next - this.#read;
  }

  get room(): number {
    return this.capacity - this.readable;
  }

  /** Data came that is ahead of what is missing. */
  get hasHoles(): boolean {
    return this.#ahead.count > 0;
  }

  /** Takes data that lies within the window; what is known already is ignored. Answers whether `next` moved. */
  insert(offset: number, bytes: Uint8Array): boolean {
    const skip = Math.max(0, this.#next - offset);
    if (skip >= bytes.length) return false;
    const from = offset + skip;
    const to = offset + bytes.length;
    const fresh = skip === 0 ? bytes : bytes.subarray(skip);
    if (from > this.#next) {
      if (this.#ahead.add(from, to) > 0) this.#bytes.write(from, fresh);
      this.#recent = [from, ...this.#recent.filter((other) => other !== from)].slice(0, 2 * MOST_SACK_BLOCKS);
      return false;
    }
    this.#bytes.write(from, fresh);
    this.#next = to;
    if (this.#ahead.count > 0) this.#join();
    return true;
  }

  /** Moves what there is into the buffer; answers how many bytes. */
  read(into: Uint8Array): number {
    const length = Math.min(into.length, this.readable);
    this.#bytes.copy(this.#read, length, into, 0);
    this.#read += length;
    this.#bytes.release(this.#read);
    return length;
  }

  /** What arrived ahead of `next`: the range that changed last first (RFC 2018, 4). */
  sackBlocks(): readonly Range[] {
    if (this.#ahead.count === 0) return NONE;
    const blocks: Range[] = [];
    for (const offset of this.#recent) {
      const range = this.#ahead.holding(offset);
      if (range && !blocks.some(({ from }) => from === range.from)) blocks.push(range);
    }
    return blocks.slice(0, MOST_SACK_BLOCKS);
  }

  /** Bytes of memory in use. */
  get memory(): number {
    return this.#bytes.memory;
  }

  /** Gives the memory back; nothing can be read any more. */
  clear(): void {
    this.#read = this.#next;
    this.#ahead.clear();
    this.#bytes.clear();
  }

  #join(): void {
    const range = this.#ahead.holding(this.#next);
    if (range) this.#next = range.to;
    this.#ahead.dropBelow(this.#next);
    if (this.#ahead.count === 0) this.#recent = [];
  }
}
