import type { StoredEvent } from '../event.js';

/** A handler that keeps what it is given, and a way to wait for it. */
export class Recorder {
  readonly events: StoredEvent[] = [];
  #waiting: { count: number; resolve: () => void }[] = [];

  readonly handle = (event: StoredEvent): void => {
    this.events.push(event);
    for (const { count, resolve } of this.#waiting) if (this.events.length >= count) resolve();
  };

  /** Resolves when `count` events have come. */
  async until(count: number): Promise<void> {
    if (this.events.length >= count) return;
    await new Promise<void>((resolve) => this.#waiting.push({ count, resolve }));
  }

  get positions(): number[] {
    return this.events.map(({ position }) => position);
  }
}
