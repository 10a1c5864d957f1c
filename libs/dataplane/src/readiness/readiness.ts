import type { Rehearsal } from './rehearsal.js';

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

/** Keeps what packets take at hand while one is expected, by rehearsing one. Times are in milliseconds. */
export class Readiness {
  #first = FIRST;
  #movedAt = Number.NEGATIVE_INFINITY;
  #rest = Number.POSITIVE_INFINITY;

  /** @param rehearsal none where there is nothing to rehearse on: then nothing is exercised */
  constructor(readonly rehearsal: Pick<Rehearsal, 'perform'> | undefined) {}

  /** Something came. */
  moved(now: number): void {
    const rest = now - this.#movedAt;
    if (rest > AT_ONCE) this.#rest = rest;
    this.#movedAt = now;
  }

  /** How long to wait before the next exercise; Infinity when no packet is expected. */
  patience(now: number): number {
    if (!this.rehearsal) return Number.POSITIVE_INFINITY;
    if (this.#first > 0) return PAUSE;
    const isExpected = this.#rest > OFTEN && this.#rest < EXPECTED && now - this.#movedAt < EXPECTED;
    return isExpected ? PAUSE : Number.POSITIVE_INFINITY;
  }

  exercise(): void {
    this.#first--;
    this.rehearsal?.perform();
  }
}
