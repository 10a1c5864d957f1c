import {
  type EventHandler,
  type EventStore,
  place,
  type ReadAllOptions,
  type ReadOptions,
  type StoredEvent,
  type SubscriptionStart,
  subscribeThrough,
} from '#event-store';
import { NetfoldError, problemOf } from '#kernel';
import { openPersonalData, type PersonKeys } from '#personal-data';
import { EventCodec } from '#tailnet';

/**
 * An event store whose events are read as this release knows them, with their personal data opened. What is appended goes
 * through as it is: sealed, and as the ledger may hold it. An event's hash is that of the stored form, so whoever checks
 * hashes reads the store behind this one.
 * @throws NetfoldError `event.…` from reads, see `EventCodec`; to a subscription that stream is unreadable
 */
export function readableStore(store: EventStore, people: PersonKeys, codec = new EventCodec()): EventStore {
  const opened = (event: StoredEvent) => understood(codec, place(event), () => openPersonalData(event, people));
  return {
    append: (stream, expectedRevision, events) => store.append(stream, expectedRevision, events),
    head: (stream) => store.head(stream),
    streams: () => store.streams(),
    hashes: (stream, from) => store.hashes(stream, from),
    checkpoint: (name) => store.checkpoint(name),
    saveCheckpoint: (name, position) => store.saveCheckpoint(name, position),
    close: () => store.close(),
    read: (stream: string, options?: ReadOptions) => mapped(store.read(stream, options), opened),
    readAll: (options?: ReadAllOptions) => mapped(store.readAll(options), opened),
    subscribe: (start: SubscriptionStart, handler: EventHandler) => subscribeThrough(store, start, handler, opened),
  };
}

async function* mapped<A, B>(items: AsyncIterable<A>, map: (item: A) => B): AsyncGenerator<B> {
  for await (const item of items) yield map(item);
}

function understood(codec: EventCodec, where: string, open: () => StoredEvent): StoredEvent {
  try {
    return codec.read(open());
  } catch (error) {
    const problem = problemOf(error);
    throw new NetfoldError({ ...problem, code: problem.code === 'internal' ? 'event.malformed' : problem.code, where });
  }
}
