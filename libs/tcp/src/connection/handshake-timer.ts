import { RTO } from '../protocol.js';

const NEVER = Number.POSITIVE_INFINITY;

/** When to send the SYN again (RFC 6298, 2.1 and 5.5). In milliseconds. */
export class HandshakeTimer {
  #sent = 0;
  #sentAt = 0;
  #deadline = NEVER;

  get deadline(): number {
    return this.#deadline;
  }

  onSent(now: number): void {
    this.#deadline = now + Math.min(RTO.most * 2, RTO.initial * 2 ** this.#sent);
    this.#sent++;
    this.#sentAt = now;
  }

  /** How often it was sent again. */
  get retries(): number {
    return this.#sent - 1;
  }

  /** It was answered: the round trip, unless it is not known which SYN was (Karn). */
  onAnswer(now: number): number | undefined {
    this.#deadline = NEVER;
    return this.#sent === 1 ? now - this.#sentAt : undefined;
  }
}
