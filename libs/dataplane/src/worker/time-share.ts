/** Of the time that a busy loop spends on packets, and credit that is not used at once, ms. */
const SHARE = 1 / 20;
const MOST_CREDIT = 4;

/**
 * Keeps work that anybody can cause, such as handshakes, from work that only peers can cause: it may take the time that
 * the loop would sleep, and otherwise a twentieth of what packets take. Times are in milliseconds.
 */
export class TimeShare {
  #credit = MOST_CREDIT;

  /** Whether there is time for another piece of work. A piece may take more than was left: then it is owed. */
  get isLeft(): boolean {
    return this.#credit > 0;
  }

  /** The loop slept. */
  slept(time: number): void {
    this.#credit = Math.min(MOST_CREDIT, this.#credit + time);
  }

  /** The loop moved packets. */
  moved(time: number): void {
    this.slept(time * SHARE);
  }

  /** The work took so long. */
  spent(time: number): void {
    this.#credit -= time;
  }
}
