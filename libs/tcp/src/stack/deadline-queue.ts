interface Entry<T> {
  at: number;
  slot: number;
  readonly item: T;
}

/**
 * Deadlines, the earliest first (a binary heap). Timers are mostly put off: an item keeps its place then, is found too
 * early, and is asked for its deadline again.
 */
export class DeadlineQueue<T> {
  readonly #heap: Entry<T>[] = [];
  readonly #entries = new Map<T, Entry<T>>();

  /** When `takeDue` may have something, in ms. */
  get next(): number {
    return this.#heap[0]?.at ?? Number.POSITIVE_INFINITY;
  }

  /** Makes sure that the item is found at `at` or before. */
  schedule(item: T, at: number): void {
    const known = this.#entries.get(item);
    if (at >= (known?.at ?? Number.POSITIVE_INFINITY)) return;
    const entry = known ?? { at, slot: this.#heap.length, item };
    entry.at = at;
    if (!known) this.#entries.set(item, entry);
    this.#rise(entry, entry.slot);
  }

  remove(item: T): void {
    const entry = this.#entries.get(item);
    if (!entry) return;
    this.#entries.delete(item);
    const last = this.#heap.pop() as Entry<T>;
    if (last !== entry) this.#sink(last, this.#rise(last, entry.slot));
  }

  /** Takes out the first item that is due. */
  takeDue(now: number): T | undefined {
    const first = this.#heap[0];
    if (!first || first.at > now) return undefined;
    this.remove(first.item);
    return first.item;
  }

  /** Puts the entry into the free slot, or nearer to the front; answers where. */
  #rise(entry: Entry<T>, slot: number): number {
    let at = slot;
    for (; at > 0; at = (at - 1) >> 1) {
      const above = this.#heap[(at - 1) >> 1] as Entry<T>;
      if (above.at <= entry.at) break;
      this.#put(above, at);
    }
    this.#put(entry, at);
    return at;
  }

  #sink(entry: Entry<T>, slot: number): void {
    let at = slot;
    for (;;) {
      const left = this.#heap[2 * at + 1];
      const right = this.#heap[2 * at + 2];
      const below = left && right && right.at < left.at ? right : left;
      if (!below || below.at >= entry.at) break;
      const free = below.slot;
      this.#put(below, at);
      at = free;
    }
    this.#put(entry, at);
  }

  #put(entry: Entry<T>, slot: number): void {
    this.#heap[slot] = entry;
    entry.slot = slot;
  }
}
