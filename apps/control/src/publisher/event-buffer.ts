import type { StoredEvent } from '#event-store';

/** Events between a subscription, which waits while it is full, and whoever takes them in batches. */
export class EventBuffer {
  #events: StoredEvent[] = [];
  #ended = false;
  #room = Promise.withResolvers<void>();
  #news = Promise.withResolvers<void>();

  /** @param size a batch is at most so large, and at most so many events wait beside it */
  constructor(private readonly size: number) {}

  /** Resolves when the next event may come. */
  put(event: StoredEvent): void | Promise<void> {
    this.#events.push(event);
    this.#news.resolve();
    if (this.#events.length < this.size || this.#ended) return;
    this.#room = Promise.withResolvers();
    return this.#room.promise;
  }

  /** What waits, once something does; nothing when it has ended. */
  async take(): Promise<readonly StoredEvent[]> {
    while (this.#events.length === 0 && !this.#ended) {
      this.#news = Promise.withResolvers();
      await this.#news.promise;
    }
    if (this.#ended) return [];
    const batch = this.#events;
    this.#events = [];
    this.#room.resolve();
    return batch;
  }

  /** Nobody waits for it any more, and what it holds is forgotten. */
  end(): void {
    this.#ended = true;
    this.#events = [];
    this.#room.resolve();
    this.#news.resolve();
  }
}
