interface Entry<T> {
  readonly at: number;
  readonly item: T;
}

/**
 * Deadlines, the earliest first (a binary heap). Timers are mostly put off: an item keeps its place then, is found too
 * early, and is asked for its deadline again.
 */
export class DeadlineQueue<T> {
  readonly #heap: Entry<T>[] = [];
  readonly #queued = new Map<T, number>();

  /** When `takeDue` may have something, in ms. */
  get next(): number {
    return this.#heap[0]?.at ?? Number.POSITIVE_INFINITY;
  }

  /** Makes sure that the item is found at `at` or before. */
  schedule(item: T, at: number): void {
    if (at >= (this.#queued.get(item) ?? Number.POSITIVE_INFINITY)) return;
    this.#queued.set(item, at);
    this.#push({ at, item });
  }

  remove(item: T): void {
    this.#queued.delete(item);
  }

  /** Takes out the first item that is due. */
  takeDue(now: number): T | undefined {
    for (let first = this.#heap[0]; first && first.at <= now; first = this.#heap[0]) {
      this.#pop();
      // Entries that were overtaken by an earlier one, or removed, are void.
      if (this.#queued.get(first.item) !== first.at) continue;
      this.#queued.delete(first.item);
      return first.item;
    }
    return undefined;
  }

  #push(entry: Entry<T>): void {
    let at = this.#heap.length;
    for (let parent = (at - 1) >> 1; at > 0; parent = (at - 1) >> 1) {
      const above = this.#heap[parent] as Entry<T>;
      if (above.at <= entry.at) break;
      this.#heap[at] = above;
      at = parent;
    }
    this.#heap[at] = entry;
  }

  #pop(): void {
    const last = this.#heap.pop() as Entry<T>;
    if (this.#heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      const right = this.#heap[child + 1];
      if (right && right.at < (this.#heap[child] as Entry<T>).at) child++;
      const below = this.#heap[child];
      if (!below || below.at >= last.at) break;
      this.#heap[at] = below;
      at = child;
    }
    this.#heap[at] = last;
  }
}
