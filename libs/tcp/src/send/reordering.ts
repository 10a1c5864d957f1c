/** The least wait in ms: timestamps tell no shorter times apart. */
const LEAST_WAIT = 1;

/**
 * On a path that reorders, what seems lost may only be late. Once that was seen, a part of a round trip passes before
 * it is taken for lost, as RACK does (RFC 8985, 6.2, step 4).
 */
export class Reordering {
  /** The part of a round trip to wait; none before reordering was seen. */
  #patience = 0;
  #below = 0;
  #latest = 0;
  #due = Number.POSITIVE_INFINITY;

  /** When `ripe` has something, in ms. */
  get deadline(): number {
    return this.#due;
  }

  /** Something came late that no retransmission had replaced. */
  onSeen(): void {
    this.#patience = Math.max(this.#patience, 1 / 4);
  }

  /** Something was sent again in vain, because it only came late. */
  onMistaken(): void {
    this.#patience = Math.min(1, Math.max(1 / 4, 2 * this.#patience));
  }

  /** What is not acknowledged below seems lost. Answers up to where it is to be taken for lost at once. */
  suspect(now: number, below: number, roundTrip: number): number {
    if (this.#patience === 0) return below;
    this.#latest = Math.max(this.#latest, below);
    if (this.#due === Number.POSITIVE_INFINITY && below > this.#below) this.#wait(now, roundTrip);
    return this.ripe(now, roundTrip);
  }

  /** Up to where the wait is over; 0 if it is not. */
  ripe(now: number, roundTrip: number): number {
    if (now < this.#due) return 0;
    const below = this.#below;
    this.#due = Number.POSITIVE_INFINITY;
    if (this.#latest > below) this.#wait(now, roundTrip);
    return below;
  }

  /** Everything below was acknowledged. */
  advance(una: number): void {
    if (una >= this.#below) this.#due = Number.POSITIVE_INFINITY;
  }

  #wait(now: number, roundTrip: number): void {
    this.#below = this.#latest;
    this.#due = now + Math.max(LEAST_WAIT, this.#patience * roundTrip);
  }
}
