import { setImmediate as nextTurn } from 'node:timers/promises';
import { NetfoldError, type Problem, problemOf } from '#kernel';
import type { StoredEvent } from '../event.js';
import type { EventHandler, Subscription } from '../event-store.js';
import { endedEarly, handlerFailed } from '../subscription-problems.js';
import { type NextPage, PAGE } from './pages.js';

/**
 * A subscription that always reads from the store and is only told that there is more to read: so live events
 * come the same way as old ones, and between the two there is no seam where one could be lost or repeated.
 */
export class LocalSubscription implements Subscription {
  readonly #caughtUp = Promise.withResolvers<void>();
  readonly caughtUp = this.#caughtUp.promise;
  readonly closed: Promise<Problem | undefined>;
  #closing = false;
  #wake: () => void = () => {};

  /** @param target the position up to which the subscription counts as still catching up */
  constructor(
    private readonly next: NextPage,
    private readonly handler: EventHandler,
    private readonly target: number,
  ) {
    this.caughtUp.catch(() => {}); // whoever waits for it sees the rejection; nobody has to
    this.closed = this.#run();
  }

  /** Tells the subscription that events were committed. */
  wake(): void {
    this.#wake();
  }

  async close(): Promise<void> {
    this.#closing = true;
    this.#wake();
    await this.closed;
  }

  async #run(): Promise<Problem | undefined> {
    await nextTurn(); // the handler never runs before `subscribe` has returned
    try {
      while (!this.#closing) await this.#handlePage(this.next(PAGE));
      this.#caughtUp.reject(new NetfoldError(endedEarly));
      return undefined;
    } catch (error) {
      this.#caughtUp.reject(error);
      return problemOf(error);
    }
  }

  async #handlePage(page: readonly StoredEvent[]): Promise<void> {
    for (const event of page) {
      if (this.#closing) return;
      await this.#handle(event);
      if (event.position >= this.target) this.#caughtUp.resolve();
    }
    if (page.length === PAGE) await nextTurn(); // a long history must not keep the process from everything else
    if (page.length > 0) return;
    this.#caughtUp.resolve();
    // Nothing can be committed between the read of the empty page and this line: both are in one turn.
    await new Promise<void>((wake) => {
      this.#wake = wake;
    });
  }

  async #handle(event: StoredEvent): Promise<void> {
    try {
      await this.handler(event);
    } catch (cause) {
      throw new NetfoldError(handlerFailed(event, cause), { cause });
    }
  }
}
