const FIRST_MS = 1_000;
const LONGEST_MS = 60_000;

/** When what was not answered is said again: after 1 s, 2 s, 4 s and so on, and each minute in the end. */
export class Retries {
  private at = Number.POSITIVE_INFINITY;
  private count = 0;

  /** How often it was said. */
  get attempts(): number {
    return this.count;
  }

  get next(): number {
    return this.at;
  }

  isDue(now: number): boolean {
    return now >= this.at;
  }

  /** It is to be said at once, as if for the first time. */
  start(now: number): void {
    this.at = now;
    this.count = 0;
  }

  /** It is being said. */
  said(now: number): void {
    this.at = now + Math.min(LONGEST_MS, FIRST_MS * 2 ** this.count);
    this.count = Math.min(this.count + 1, 30);
  }

  stop(): void {
    this.at = Number.POSITIVE_INFINITY;
    this.count = 0;
  }
}
