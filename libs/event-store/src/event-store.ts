import type { Problem } from '#kernel';
import type { Head, LedgerEvent, StoredEvent } from './event.js';
import type { UnreadableEvent } from './unreadable-event.js';

/** The last event of an append. */
export interface Appended {
  readonly revision: number;
  readonly position: number;
}

export interface ReadOptions {
  /** The first revision to return; by default the first of the stream, or its last when reading backwards. */
  readonly from?: number;
  /** At most so many events; all by default. */
  readonly limit?: number;
  readonly backwards?: boolean;
}

export interface ReadAllOptions {
  /** Only events after this position. */
  readonly after?: number;
  readonly limit?: number;
}

export interface SubscriptionStart {
  /** Only this stream's events; all by default. */
  readonly stream?: string;
  /** Only events after this position; undefined from the very first. */
  readonly after: number | undefined;
  /**
   * Told of the first event of a stream that cannot be handed out: damaged, altered, or not to be understood. Nothing of
   * that stream follows; the events of the others do. Without it, the subscription ends with the problem.
   */
  readonly unreadable?: (event: UnreadableEvent) => void;
}

export type EventHandler = (event: StoredEvent) => void | Promise<void>;

/**
 * Hands every event to its handler exactly once, in order of position: first those already stored, then new ones
 * as they are committed. The next event waits until the handler's promise has settled.
 */
export interface Subscription {
  /**
   * Resolves when every event that was stored at the time of the call to `subscribe` has been handled.
   * Rejects when the subscription ends before.
   */
  readonly caughtUp: Promise<void>;
  /**
   * Resolves when the subscription has ended: with nothing after a `close`, with the problem otherwise, which is
   * `store.handler_failed` and names the event when the handler threw. Never rejects.
   */
  readonly closed: Promise<Problem | undefined>;
  /** Ends the subscription; resolves when no handler runs any more, so a handler must not await it. */
  close(): Promise<void>;
}

/**
 * A store of event streams. Failures are `NetfoldError`s whose code starts with `store.`.
 * After `close` everything fails with `store.closed`.
 */
export interface EventStore {
  /**
   * Adds sealed events to the end of a stream, all of them or none. It resolves when they are durable.
   * Repeating an append whose very events (by hash) are already stored at that place gives the first answer.
   * @param expectedRevision the revision of the stream's last event; -1 when it must not exist yet
   * @throws `WrongExpectedRevision`; `store.bad_chain` when the events do not continue the stream;
   * `store.nothing_to_append`, `store.bad_stream_name`; `store.disk_full` and others of the adapter
   */
  append(stream: string, expectedRevision: number, events: readonly LedgerEvent[]): Promise<Appended>;
  /** The events of a stream in order of revision; none when it does not exist. */
  read(stream: string, options?: ReadOptions): AsyncIterable<StoredEvent>;
  /**
   * The hashes of a stream's events in order of revision, many at a time, which cost a fraction of the events: all that
   * the Merkle tree over it is made of.
   * @param from the first revision
   */
  hashes(stream: string, from: number): AsyncIterable<readonly string[]>;
  /** The events of all streams in order of position. */
  readAll(options?: ReadAllOptions): AsyncIterable<StoredEvent>;
  /** The end of a stream, `EMPTY_HEAD` when it does not exist. */
  head(stream: string): Promise<Head>;
  /** The names of all streams, sorted. */
  streams(): Promise<readonly string[]>;
  subscribe(start: SubscriptionStart, handler: EventHandler): Subscription;
  /** The position that a consumer saved under its name; undefined before the first time. */
  checkpoint(name: string): Promise<number | undefined>;
  /** Durably saves how far a consumer has come. */
  saveCheckpoint(name: string, position: number): Promise<void>;
  /**
   * Ends all subscriptions, whose running handlers may still use the store to finish; commits what is queued;
   * releases the store. A handler must not await it.
   */
  close(): Promise<void>;
}
