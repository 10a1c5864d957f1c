import { DELAYED_ACK, QUICK_ACKS } from '../protocol.js';

const NEVER = Number.POSITIVE_INFINITY;

/** When to acknowledge: every second full segment at once, and anything within 40 ms (RFC 5681, 4.2; RFC 9293, 3.8.6.3). */
export class AckPolicy {
  #due = false;
  #unacknowledged = 0;
  #quick = QUICK_ACKS;
  #deadline = NEVER;

  get due(): boolean {
    return this.#due;
  }

  /** When `onDeadline` wants to be called, in ms. */
  get deadline(): number {
    return this.#deadline;
  }

  /** Something must be acknowledged at once, such as data out of order, which tells the sender of a loss. */
  demand(): void {
    this.#due = true;
  }

  /** Data arrived in order. `mss` is how much the peer sends in a segment. */
  onData(now: number, length: number, mss: number): void {
    this.#unacknowledged += length;
    if (this.#quick > 0 || this.#unacknowledged >= 2 * mss) this.#due = true;
    else if (this.#deadline === NEVER) this.#deadline = now + DELAYED_ACK;
    if (this.#quick > 0) this.#quick--;
  }

  onDeadline(now: number): void {
    if (this.#deadline <= now) this.#due = true;
  }

  /** An acknowledgement left, alone or with data. */
  onSent(): void {
    this.#due = false;
    this.#unacknowledged = 0;
    this.#deadline = NEVER;
  }
}
