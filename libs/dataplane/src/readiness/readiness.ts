/** Packets that come within so many ms of one another are a conversation, such as speech: the next one is expected. */
const EXPECTED = 50;
/** Packets that come more often leave no time to forget anything. */
const OFTEN = 8;
/** How often what waits for a packet is exercised, ms: that is how long the processor's caches remember it. */
const PAUSE = 2;
/** A packet that follows so soon is part of what came before. */
const AT_ONCE = 1;
/** V8 compiles a function when it was called so often. */
const FIRST = 400;

/** Whether a packet is expected soon. Times are in milliseconds. */
export class Readiness {
  #first = FIRST;
  #movedAt = Number.NEGATIVE_INFINITY;
  #rest = Number.POSITIVE_INFINITY;

  /** Something came. */
  moved(now: number): void {
    const rest = now - this.#movedAt;
    if (rest > AT_ONCE) this.#rest = rest;
    this.#movedAt = now;
  }

  /** How long to wait before the next exercise; Infinity when no packet is expected. */
  patience(now: number): number {
    if (this.#first > 0) return PAUSE;
    const isExpected = this.#rest > OFTEN && this.#rest < EXPECTED && now - this.#movedAt < EXPECTED;
    return isExpected ? PAUSE : Number.POSITIVE_INFINITY;
  }

  exercised(): void {
    this.#first--;
  }
}
