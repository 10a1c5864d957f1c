/**
 * Knows when no broker has anything more to give: each has been asked, and has waited in vain as long as it may. The end
 * of a log need not show otherwise: its last message may be a tombstone that compaction has taken away.
 */
export class QuietBrokers {
  readonly #asked = new Set<number>();
  #silent = new Set<number>();

  /** @param maxWaitMs how long a broker waits for messages */
  constructor(private readonly maxWaitMs: number) {}

  asked(broker: number): void {
    this.#asked.add(broker);
  }

  /** A broker has answered, which may bring messages yet. */
  answered(broker: number, durationMs: number): void {
    // An answer that comes sooner brings something, or is a failure.
    if (durationMs >= this.maxWaitMs) this.#silent.add(broker);
    else this.#silent.delete(broker);
  }

  broughtMessages(): void {
    this.#silent.clear();
  }

  /** Asked when a broker is about to be asked again: what it brought has been handled. */
  get all(): boolean {
    return this.#asked.size > 0 && [...this.#asked].every((broker) => this.#silent.has(broker));
  }
}
