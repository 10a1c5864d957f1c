import { setImmediate as nextTurn } from 'node:timers/promises';
import { NetfoldError, type Problem, problemOf } from '#kernel';
import type { StoredEvent } from '../event.js';
import type { EventHandler, Subscription, SubscriptionStart } from '../event-store.js';
import { StreamQuarantine } from '../stream-quarantine.js';
import { endedEarly, handlerFailed } from '../subscription-problems.js';
import type { StoredRow } from './event-table.js';
import { decoded, type NextPage, PAGE } from './pages.js';

/** Who is told of what. */
interface Told {
  readonly handler: EventHandler;
  readonly unreadable: SubscriptionStart['unreadable'];
}

/**
 * A subscription that always reads from the store and is only told that there is more to read: so live events
 * come the same way as old ones, and between the two there is no seam where one could be lost or repeated.
 */
export class LocalSubscription implements Subscription {
  readonly #caughtUp = Promise.withResolvers<void>();
  readonly caughtUp = this.#caughtUp.promise;
  readonly closed: Promise<Problem | undefined>;
  readonly #handler: EventHandler;
  readonly #quarantine: StreamQuarantine;
  #closing = false;
  #wake: () => void = () => {};

  /**
   * @param name what messages call the storage
   * @param target the position up to which the subscription counts as still catching up
   */
  constructor(
    private readonly name: string,
    private readonly next: NextPage,
    { handler, unreadable }: Told,
    private readonly target: number,
  ) {
    this.#handler = handler;
    this.#quarantine = new StreamQuarantine(unreadable);
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

  async #handlePage(page: readonly StoredRow[]): Promise<void> {
    for (const row of page) {
      if (this.#closing) return;
      const event = this.#quarantine.pass(row, () => decoded(this.name, row));
      if (event) await this.#handle(event);
      if (row.position >= this.target) this.#caughtUp.resolve();
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
      await this.#handler(event);
    } catch (cause) {
      throw new NetfoldError(handlerFailed(event, cause), { cause });
    }
  }
}
