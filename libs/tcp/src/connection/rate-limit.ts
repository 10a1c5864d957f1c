/** At most so many in each stretch of time. */
export class RateLimit {
  #count = 0;
  #since = Number.NEGATIVE_INFINITY;

  /** @param within milliseconds */
  constructor(
    readonly most: number,
    readonly within: number,
  ) {}

  allows(now: number): boolean {
    if (now - this.#since >= this.within) {
      this.#since = now;
      this.#count = 0;
    }
    return ++this.#count <= this.most;
  }
}
