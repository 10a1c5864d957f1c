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
import { isUnreadable, StreamQuarantine } from '../stream-quarantine.js';
import { storedEvent } from './event-codec.js';
import { followAll, followStream } from './followed.js';
import { KurrentAppender } from './kurrent-appender.js';
import { KurrentCheckpoints } from './kurrent-checkpoints.js';
import type { KurrentConnection } from './kurrent-connection.js';
import { type Followed, KurrentSubscription } from './kurrent-subscription.js';
import { LedgerReader } from './ledger-reader.js';
import type { RetryOptions } from './retry.js';
import type { StreamNames } from './stream-names.js';
import { StreamRegistry } from './stream-registry.js';

/** A ledger in KurrentDB, the database that was EventStoreDB, as an event store. */
export class KurrentEventStore implements EventStore {
  readonly #reader: LedgerReader;
  readonly #registry: StreamRegistry;
  readonly #appender: KurrentAppender;
  readonly #checkpoints: KurrentCheckpoints;
  readonly #subscriptions = new Set<KurrentSubscription>();
  readonly #requests = new AbortController();
  #closing: Promise<void> | undefined;
  #closed = false;

  /** @param patience what is tried again for how long, in milliseconds, and who is told */
  constructor(
    private readonly connection: KurrentConnection,
    private readonly names: StreamNames,
    private readonly patience: Omit<RetryOptions, 'signal'>,
  ) {
    const { signal } = this.#requests;
    const retries = { ...patience, signal };
    this.#reader = new LedgerReader(connection, names, retries);
    this.#registry = new StreamRegistry(connection, names, retries);
    this.#appender = new KurrentAppender(connection, names, this.#reader, this.#registry, retries);
    this.#checkpoints = new KurrentCheckpoints(connection, names, retries);
  }

  async append(stream: string, expectedRevision: number, events: readonly LedgerEvent[]): Promise<Appended> {
    this.#requireOpen();
    return this.#appender.append({ stream, expectedRevision, events });
  }

  async *read(stream: string, { from, limit = Infinity, backwards = false }: ReadOptions = {}) {
    this.#requireOpen();
    let first = from ?? 0;
    if (backwards) {
      const { revision } = await this.#appender.head(stream);
      first = Math.min(from ?? revision, revision);
    }
    for await (const page of this.#reader.stream({ stream, from: first, limit, backwards })) {
      yield* page.map(storedEvent);
      this.#requireOpen();
    }
  }

  async *hashes(stream: string, from: number) {
    this.#requireOpen();
    for await (const page of this.#reader.hashes(stream, from)) {
      yield page;
      this.#requireOpen();
    }
  }

  async *readAll({ after = 0, limit = Infinity }: ReadAllOptions = {}): AsyncGenerator<StoredEvent, void, undefined> {
    this.#requireOpen();
    let left = limit;
    if (left <= 0) return;
    for await (const page of this.#reader.all(after)) {
      yield* page.slice(0, left).map(storedEvent);
      this.#requireOpen();
      left -= page.length;
      if (left <= 0) return;
    }
  }

  async head(stream: string): Promise<Head> {
    this.#requireOpen();
    return this.#appender.head(stream);
  }

  async streams(): Promise<readonly string[]> {
    this.#requireOpen();
    const entered = await this.#registry.streams();
    const exist = await Promise.all(entered.map((stream) => this.#exists(stream)));
    return entered.filter((_, i) => exist[i]);
  }

  /** A stream that ends in something that is no event of the ledger is there, too. */
  async #exists(stream: string): Promise<boolean> {
    try {
      return (await this.#appender.known(stream)).revision >= 0;
    } catch (error) {
      if (isUnreadable(error)) return true;
      throw error;
    }
  }

  subscribe({ stream, after = 0, unreadable }: SubscriptionStart, handler: EventHandler): Subscription {
    if (this.#closing) throw storeClosed();
    const interrupted: Followed['interrupted'] = (problem) => this.patience.failed?.(problem);
    const followed =
      stream === undefined
        ? followAll(this.connection, this.#reader, this.names, after, interrupted)
        : followStream(this.connection, this.#reader, this.names, { stream, after }, interrupted);
    const subscription = new KurrentSubscription(followed, handler, new StreamQuarantine(unreadable));
    this.#subscriptions.add(subscription);
    subscription.closed.then(() => this.#subscriptions.delete(subscription));
    return subscription;
  }

  async checkpoint(name: string): Promise<number | undefined> {
    this.#requireOpen();
    return this.#checkpoints.read(name);
  }

  async saveCheckpoint(name: string, position: number): Promise<void> {
    this.#requireOpen();
    await this.#checkpoints.save(name, position);
  }

  close(): Promise<void> {
    this.#closing ??= this.#shutDown();
    return this.#closing;
  }

  /** The subscriptions first: a handler that is at work may still append and save its checkpoint. */
  async #shutDown(): Promise<void> {
    await Promise.all([...this.#subscriptions].map((subscription) => subscription.close()));
    this.#closed = true;
    await this.#appender.drained();
    this.#requests.abort();
    await this.connection.close();
  }

  #requireOpen(): void {
    if (this.#closed) throw storeClosed();
  }
}
