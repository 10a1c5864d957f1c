/**
 * A sum over peers that never falls, though peers come and go and count from nothing again: a counter that falls is taken for a
 * restart, and all of it for news.
 */
export class ByteTotals {
  #last = new Map<string, number>();
  #total = 0;

  /** @param counts of all peers there are, by key @returns the sum of all that was ever counted */
  after(counts: Iterable<readonly [key: string, bytes: number]>): number {
    const next = new Map(counts);
    for (const [key, bytes] of next) {
      const before = this.#last.get(key) ?? 0;
      this.#total += bytes >= before ? bytes - before : bytes;
    }
    this.#last = next;
    return this.#total;
  }
}
