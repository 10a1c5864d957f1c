import type {
  EventHandler,
  EventStore,
  ReadAllOptions,
  ReadOptions,
  StoredEvent,
  SubscriptionStart,
} from '#event-store';
import { openPersonalData, type PersonKeys } from '#personal-data';

/**
 * An event store whose events are read with their personal data opened. What is appended goes through as it is: sealed. An
 * event's hash is that of the sealed form, so whoever checks hashes reads the store behind this one.
 */
export function readableStore(store: EventStore, people: PersonKeys): EventStore {
  const opened = (event: StoredEvent) => openPersonalData(event, people);
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
    subscribe: (start: SubscriptionStart, handler: EventHandler) =>
      store.subscribe(start, (event) => handler(opened(event))),
  };
}

async function* mapped<A, B>(items: AsyncIterable<A>, map: (item: A) => B): AsyncGenerator<B> {
  for await (const item of items) yield map(item);
}
