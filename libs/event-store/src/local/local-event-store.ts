import { setImmediate as nextTurn } from 'node:timers/promises';
import { storeClosed } from '../errors.js';
import type { Head, LedgerEvent, StoredEvent } from '../event.js';
import type {
  Appended,
  EventHandler,
  EventStore,
  ReadAllOptions,
  ReadOptions,
  Subscription,
  SubscriptionStart,
} from '../event-store.js';
import { AppendQueue } from './append-queue.js';
import type { EventTable } from './event-table.js';
import { LocalSubscription } from './local-subscription.js';
import { allPages, decoded, type NextPage, PAGE, streamPages } from './pages.js';

/** So many hashes are read without a pause. */
const HASH_PAGE = 4096;

/** An event store whose storage is inside this process: group commit, paged reads and subscriptions over a table. */
export class LocalEventStore implements EventStore {
  readonly #queue: AppendQueue;
  readonly #subscriptions = new Set<LocalSubscription>();
  #closing: Promise<void> | undefined;
  #closed = false;

  constructor(private readonly table: EventTable) {
    this.#queue = new AppendQueue(table, () => {
      for (const subscription of this.#subscriptions) subscription.wake();
    });
  }

  async append(stream: string, expectedRevision: number, events: readonly LedgerEvent[]): Promise<Appended> {
    this.#requireOpen();
    return this.#queue.add({ stream, expectedRevision, events });
  }

  async *read(stream: string, { from, limit = Infinity, backwards = false }: ReadOptions = {}) {
    this.#requireOpen();
    const first = from ?? (backwards ? this.table.head(stream).revision : 0);
    yield* this.#pages(limit, streamPages(this.table, stream, first, backwards));
  }

  async *hashes(stream: string, from: number) {
    for (let next = from; ; ) {
      this.#requireOpen();
      const page = this.table.hashPage(stream, next, HASH_PAGE);
      if (page.length > 0) yield page;
      if (page.length < HASH_PAGE) return;
      next += page.length;
      await nextTurn();
    }
  }

  async *readAll({ after = 0, limit = Infinity }: ReadAllOptions = {}) {
    yield* this.#pages(limit, allPages(this.table, after));
  }

  async head(stream: string): Promise<Head> {
    this.#requireOpen();
    return this.table.head(stream);
  }

  async streams(): Promise<readonly string[]> {
    this.#requireOpen();
    return this.table.streams();
  }

  subscribe({ stream, after = 0, unreadable }: SubscriptionStart, handler: EventHandler): Subscription {
    if (this.#closing) throw storeClosed();
    const pages =
      stream === undefined
        ? allPages(this.table, after)
        : streamPages(this.table, stream, this.table.revisionAt(stream, after) + 1, false);
    const told = { handler, unreadable };
    const subscription = new LocalSubscription(this.table.name, pages, told, this.table.lastPosition());
    this.#subscriptions.add(subscription);
    subscription.closed.then(() => this.#subscriptions.delete(subscription));
    return subscription;
  }

  async checkpoint(name: string): Promise<number | undefined> {
    this.#requireOpen();
    return this.table.checkpoint(name);
  }

  async saveCheckpoint(name: string, position: number): Promise<void> {
    this.#requireOpen();
    this.table.saveCheckpoint(name, position);
  }

  close(): Promise<void> {
    this.#closing ??= this.#shutDown();
    return this.#closing;
  }

  /** The subscriptions first: a handler that is at work may still append and save its checkpoint. */
  async #shutDown(): Promise<void> {
    await Promise.all([...this.#subscriptions].map((subscription) => subscription.close()));
    this.#closed = true;
    await this.#queue.drained();
    this.table.close();
  }

  #requireOpen(): void {
    if (this.#closed) throw storeClosed();
  }

  async *#pages(limit: number, next: NextPage): AsyncGenerator<StoredEvent, void, undefined> {
    for (let left = limit; left > 0; ) {
      this.#requireOpen();
      const size = Math.min(PAGE, left);
      const page = next(size);
      for (const row of page) yield decoded(this.table.name, row);
      if (page.length < size) return;
      left -= page.length;
      await nextTurn(); // a long history must not keep the process from everything else
    }
  }
}
