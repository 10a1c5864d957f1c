import { CUBIC, INITIAL_WINDOW } from '../protocol.js';

/** RFC 9438, 4.3: what Reno would gain with this beta. */
const RENO_ALPHA = (3 * (1 - CUBIC.beta)) / (1 + CUBIC.beta);

/**
 * CUBIC congestion control (RFC 9438). Chosen over NewReno because it is what the other end and the paths are used
 * to, and because after a loss it is back at its rate in seconds, whatever the round trip. Windows are in bytes.
 */
export class Cubic {
  /** How much may be on its way. */
  window: number;
  /** Below it the window doubles each round trip. */
  threshold = Number.POSITIVE_INFINITY;
  /** The last window that was too much, in segments. */
  #origin = 0;
  #epoch: { readonly start: number; readonly k: number } | undefined;
  /** What Reno's window would be, in segments. */
  #reno = 0;
  /** The window before the last reduction, in segments. */
  #prior = 0;
  #before = { window: 0, threshold: 0, origin: 0 };

  constructor(readonly mss: number) {
    this.window = INITIAL_WINDOW * mss;
  }

  /**
   * New data was acknowledged outside of a recovery, when the window was full.
   * @param roundTrip smoothed, in ms
   */
  onAck(now: number, acked: number, roundTrip: number): void {
    if (this.window < this.threshold)
      this.window = Math.min(this.window + acked, Math.max(this.threshold, this.window));
    else this.#avoid(now, acked / this.mss, roundTrip);
  }

  /** Data was lost, the rest arrives (4.6). */
  onLoss(flight: number): void {
    this.#reduce(flight);
    this.window = this.threshold;
  }

  /** Nothing arrives any more (4.8). */
  onTimeout(flight: number): void {
    this.#reduce(flight);
    this.window = this.mss;
  }

  /** The last loss was none (RFC 4015). */
  undo(): void {
    this.window = Math.max(this.window, this.#before.window);
    this.threshold = Math.max(this.threshold, this.#before.threshold);
    this.#origin = this.#before.origin;
    this.#epoch = undefined;
  }

  /** Nothing was sent for a timeout's time: what the path takes now is not known (RFC 5681, 4.1). */
  onIdle(): void {
    this.window = Math.min(this.window, INITIAL_WINDOW * this.mss);
    this.#epoch = undefined;
  }

  #avoid(now: number, acked: number, roundTrip: number): void {
    const segments = this.window / this.mss;
    if (!this.#epoch) {
      this.#origin = Math.max(this.#origin, segments);
      this.#epoch = { start: now, k: Math.cbrt((this.#origin - segments) / CUBIC.c) };
      this.#reno = segments;
    }
    const at = (now + roundTrip - this.#epoch.start) / 1000 - this.#epoch.k;
    const cubic = CUBIC.c * at ** 3 + this.#origin;
    this.#reno += ((this.#reno < this.#prior ? RENO_ALPHA : 1) * acked) / segments;
    const target = Math.min(Math.max(cubic, segments), 1.5 * segments);
    const grown = segments + ((target - segments) / segments) * acked;
    this.window = Math.max(grown, this.#reno) * this.mss;
  }

  #reduce(flight: number): void {
    const segments = this.window / this.mss;
    this.#before = { window: this.window, threshold: this.threshold, origin: this.#origin };
    // Fast convergence (4.7): a flow that finds less room than last time leaves some to the new ones.
    this.#origin = segments < this.#origin ? (segments * (1 + CUBIC.beta)) / 2 : segments;
    this.#prior = segments;
    this.#epoch = undefined;
    this.threshold = Math.max(Math.min(this.window, flight) * CUBIC.beta, 2 * this.mss);
  }
}
