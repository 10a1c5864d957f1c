import type { Head } from '../event.js';

/** One event as the local stores keep it. */
export interface EventRow {
  readonly stream: string;
  readonly revision: number;
  readonly hash: string;
  /** The event's canonical text, see `canonicalEvent`. */
  readonly body: string;
}

export interface StoredRow extends EventRow {
  readonly position: number;
}

export interface StreamPage {
  readonly stream: string;
  /** The first revision of the page. */
  readonly from: number;
  readonly limit: number;
  readonly backwards: boolean;
}

/**
 * What a store inside this process needs of its storage: synchronous, and without any rule of its own.
 * `LocalEventStore` makes an event store of it.
 */
export interface EventTable {
  /** What messages call the storage: the path of its file. */
  readonly name: string;
  /** Runs `work` so that its writes happen all or not at all, durably once it has returned. */
  atomically<T>(work: () => T): T;
  head(stream: string): Head;
  /** Adds the rows behind all others and makes the last one the head of its stream; answers its position. */
  append(rows: readonly EventRow[]): number;
  streamPage(page: StreamPage): readonly StoredRow[];
  /** The hashes of at most so many events of a stream from a revision on. */
  hashPage(stream: string, from: number, limit: number): readonly string[];
  /** Rows of all streams after a position. */
  page(after: number, limit: number): readonly StoredRow[];
  /** The position of the last event, 0 when there is none. */
  lastPosition(): number;
  /** The last revision of the stream at or before a position, -1 when there is none. */
  revisionAt(stream: string, position: number): number;
  streams(): readonly string[];
  checkpoint(name: string): number | undefined;
  saveCheckpoint(name: string, position: number): void;
  close(): void;
}
