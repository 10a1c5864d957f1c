/** Something that can be brought up to date when it is its turn. */
export interface Flushable {
  flush(): void;
  /** Its `flush` threw: it must not be what stops the others. */
  failed(error: unknown): void;
}

/** So long the event loop may be kept before others get a turn, in milliseconds. */
const BUDGET_MS = 8;

/**
 * The streams that have something to send, each at most once. They are flushed in a later turn of the event loop, so
 * that all events of this turn reach an agent as one frame, and in slices, so that ten thousand of them starve nobody.
 */
export class FlushQueue {
  readonly #waiting = new Set<Flushable>();
  #scheduled = false;

  add(one: Flushable): void {
    this.#waiting.add(one);
    this.#schedule();
  }

  delete(one: Flushable): void {
    this.#waiting.delete(one);
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#slice();
      if (this.#waiting.size > 0) this.#schedule();
    });
  }

  #slice(): void {
    const end = performance.now() + BUDGET_MS;
    for (const one of this.#waiting) {
      this.#waiting.delete(one);
      try {
        one.flush();
      } catch (error) {
        one.failed(error);
      }
      if (performance.now() > end) return;
    }
  }
}
