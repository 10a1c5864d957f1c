import { setTimeout as sleep } from 'node:timers/promises';

const [FIRST_MS, MOST_MS] = [200, 5000];

/** Waits longer each time, up to five seconds, and never exactly as long as others do. */
export class Backoff {
  #next = FIRST_MS;

  /** Resolves when it is time to try again; rejects when the signal says that it never will be. */
  async wait(signal: AbortSignal): Promise<void> {
    const wait = this.#next * (0.5 + Math.random() / 2);
    this.#next = Math.min(MOST_MS, this.#next * 2);
    await sleep(wait, undefined, { signal, ref: false });
  }

  reset(): void {
    this.#next = FIRST_MS;
  }
}
