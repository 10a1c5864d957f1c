export interface Range {
  readonly from: number;
  /** Not part of it any more. */
  readonly to: number;
}

/** Disjoint, sorted ranges of stream offsets; ranges that touch are one. At most `most` of them. */
export class RangeSet {
  readonly #from: number[] = [];
  readonly #to: number[] = [];

  constructor(readonly most: number) {}

  get count(): number {
    return this.#from.length;
  }

  /** The range with this index, lowest first. */
  at(index: number): Range | undefined {
    const from = this.#from[index];
    const to = this.#to[index];
    return from === undefined || to === undefined ? undefined : { from, to };
  }

  /** Answers how many offsets are new; 0 also where the range would be one too many. */
  add(from: number, to: number): number {
    const first = this.#firstReaching(from);
    let last = first;
    let start = from;
    let end = to;
    let had = 0;
    for (; last < this.count && (this.#from[last] as number) <= to; last++) {
      start = Math.min(start, this.#from[last] as number);
      end = Math.max(end, this.#to[last] as number);
      had += (this.#to[last] as number) - (this.#from[last] as number);
    }
    if (from >= to || (first === last && this.count >= this.most)) return 0;
    this.#from.splice(first, last - first, start);
    this.#to.splice(first, last - first, end);
    return end - start - had;
  }

  /** The range that holds this offset. */
  holding(offset: number): Range | undefined {
    const range = this.at(this.#firstReaching(offset + 1));
    return range && range.from <= offset ? range : undefined;
  }

  /** Forgets everything below the offset. */
  dropBelow(offset: number): void {
    const first = this.#firstReaching(offset + 1);
    if (first > 0) {
      this.#from.splice(0, first);
      this.#to.splice(0, first);
    }
    const lowest = this.#from[0];
    if (lowest !== undefined && lowest < offset) this.#from[0] = offset;
  }

  /** How many offsets between the two are in no range. */
  missing(from: number, to: number): number {
    if (from >= to) return 0;
    let missing = to - from;
    for (let i = this.#firstReaching(from + 1); i < this.count && (this.#from[i] as number) < to; i++) {
      missing -= Math.min(to, this.#to[i] as number) - Math.max(from, this.#from[i] as number);
    }
    return missing;
  }

  /** The first stretch from `from` on, and below `to`, that is in no range. */
  gap(from: number, to: number): Range | undefined {
    const start = this.holding(from)?.to ?? from;
    if (start >= to) return undefined;
    return { from: start, to: Math.min(to, this.#from[this.#firstReaching(start + 1)] ?? to) };
  }

  clear(): void {
    this.#from.length = 0;
    this.#to.length = 0;
  }

  /** The index of the first range that ends at the offset or behind it. */
  #firstReaching(offset: number): number {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#to[middle] as number) < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
