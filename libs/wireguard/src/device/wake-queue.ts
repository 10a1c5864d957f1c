/** Something that wants to be woken. Both fields belong to the queue. */
export interface Scheduled {
  wakeAt: number;
  /** Its place in the heap; -1 outside. */
  slot: number;
}

/**
 * A binary heap of deadlines. Timers are mostly pushed back, so an item is only ever moved forward here: it may be
 * woken too early, finds nothing due and is scheduled anew.
 */
export class WakeQueue<T extends Scheduled> {
  private readonly heap: T[] = [];

  /** The earliest wake-up in ms, or undefined. */
  next(): number | undefined {
    return this.heap[0]?.wakeAt;
  }

  /** Makes sure that the item is woken at `at` or before. */
  schedule(item: T, at: number): void {
    if (at >= item.wakeAt) return;
    item.wakeAt = at;
    if (item.slot < 0) {
      item.slot = this.heap.length;
      this.heap.push(item);
    }
    this.rise(item);
  }

  /** Takes out the first item that is due. */
  takeDue(now: number): T | undefined {
    const first = this.heap[0];
    if (!first || first.wakeAt > now) return undefined;
    this.remove(first);
    return first;
  }

  remove(item: T): void {
    if (item.slot < 0) return;
    const last = this.heap.pop() as T;
    if (last !== item) {
      this.place(last, item.slot);
      this.rise(last);
      this.sink(last);
    }
    item.slot = -1;
    item.wakeAt = Number.POSITIVE_INFINITY;
  }

  private rise(item: T): void {
    while (item.slot > 0) {
      const parent = this.heap[(item.slot - 1) >> 1] as T;
      if (parent.wakeAt <= item.wakeAt) return;
      this.swap(parent, item);
    }
  }

  private sink(item: T): void {
    for (;;) {
      const left = this.heap[2 * item.slot + 1];
      const right = this.heap[2 * item.slot + 2];
      const child = right && left && right.wakeAt < left.wakeAt ? right : left;
      if (!child || child.wakeAt >= item.wakeAt) return;
      this.swap(item, child);
    }
  }

  private swap(upper: T, lower: T): void {
    const place = upper.slot;
    this.place(upper, lower.slot);
    this.place(lower, place);
  }

  private place(item: T, slot: number): void {
    this.heap[slot] = item;
    item.slot = slot;
  }
}
