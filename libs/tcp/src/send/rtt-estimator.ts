import { RTO, RTT_GAIN } from '../protocol.js';

/** Estimates the round trip, and from it how long to wait for an acknowledgement (RFC 6298). In milliseconds. */
export class RttEstimator {
  #smoothed: number | undefined;
  #variation = 0;
  #backoff = 1;

  get smoothed(): number | undefined {
    return this.#smoothed;
  }

  /** Must not be of a segment that was sent twice, unless timestamps say which one was answered (Karn; section 3). */
  sample(roundTrip: number): void {
    if (this.#smoothed === undefined) {
      this.#smoothed = roundTrip;
      this.#variation = roundTrip / 2;
    } else {
      this.#variation += RTT_GAIN.variation * (Math.abs(this.#smoothed - roundTrip) - this.#variation);
      this.#smoothed += RTT_GAIN.smoothed * (roundTrip - this.#smoothed);
    }
  }

  get timeout(): number {
    const base = this.#smoothed === undefined ? RTO.initial : this.#smoothed + 4 * this.#variation;
    return Math.min(RTO.most, Math.max(RTO.least, base) * this.#backoff);
  }

  /** A timeout passed (5.5). */
  backOff(): void {
    if (this.timeout < RTO.most) this.#backoff *= 2;
  }

  /** New data was acknowledged, or a closed window has opened: the path works. */
  recovered(): void {
    this.#backoff = 1;
  }
}
