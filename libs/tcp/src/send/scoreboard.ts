import { type Range, RangeSet } from '../buffer/range-set.js';
import { DUPLICATE_THRESHOLD } from '../protocol.js';

/** A peer that acknowledges every other byte shall cost neither memory nor time. */
const MOST_RANGES = 512;

/**
 * What arrived, what is lost and what is on its way, as far as the peer's acknowledgements say (RFC 6675). Offsets are
 * of the stream. Lost is what was not acknowledged while enough behind it was, so one mark tells it from the rest.
 */
export class Scoreboard {
  readonly #sacked = new RangeSet(MOST_RANGES);
  #lostBelow = 0;
  /** HighRxt: lost data below was sent again. */
  #resentBelow = 0;

  /** Takes the blocks of an acknowledgement; answers how many bytes they say arrived that were not known to. */
  sack(una: number, nxt: number, blocks: readonly Range[]): number {
    let fresh = 0;
    for (const { from, to } of blocks) {
      // Blocks below are of what arrived twice (RFC 2883); others outside are forged.
      if (from >= una && to <= nxt && from < to) fresh += this.#sacked.add(Math.max(from, una + 1), to);
    }
    return fresh;
  }

  /** Everything below was acknowledged. */
  advance(una: number): void {
    this.#sacked.dropBelow(una);
  }

  /** Something arrived behind what is missing. */
  get hasGaps(): boolean {
    return this.#sacked.count > 0;
  }

  /** Below what offset all must be lost by now: 3 ranges, or more than 2 segments' worth, arrived behind it (IsLost). */
  suspicious(mss: number): number {
    let above = 0;
    for (let i = this.#sacked.count - 1, ranges = 1; i >= 0; i--, ranges++) {
      const range = this.#sacked.at(i) as Range;
      above += range.to - range.from;
      if (ranges >= DUPLICATE_THRESHOLD || above > (DUPLICATE_THRESHOLD - 1) * mss) return range.from;
    }
    return 0;
  }

  /** What is not acknowledged below this is lost. */
  markLost(below: number): void {
    this.#lostBelow = Math.max(this.#lostBelow, below);
  }

  /** What was lost is to be sent again, even what was sent again before. */
  resendAll(): void {
    this.#resentBelow = 0;
  }

  /** What was taken for lost was not. */
  markFound(): void {
    this.#lostBelow = 0;
    this.#resentBelow = 0;
  }

  /** The peer may take back what it acknowledged in blocks only (RFC 2018, 8). */
  forget(): void {
    this.#sacked.clear();
    this.#resentBelow = 0;
  }

  isLost(offset: number): boolean {
    return offset < this.#lostBelow;
  }

  /** The next stretch to send again, if any. */
  nextLost(una: number): Range | undefined {
    return this.#sacked.gap(Math.max(una, this.#resentBelow), this.#lostBelow);
  }

  onResent(below: number): void {
    this.#resentBelow = Math.max(this.#resentBelow, below);
  }

  /** How many bytes are on their way (SetPipe). */
  pipe(una: number, nxt: number): number {
    if (this.#sacked.count === 0 && this.#lostBelow <= una) return nxt - una;
    const resent = Math.min(this.#resentBelow, this.#lostBelow);
    return this.#sacked.missing(Math.max(una, this.#lostBelow), nxt) + this.#sacked.missing(una, resent);
  }
}
