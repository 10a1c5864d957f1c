import type { EventStore, StoredEvent } from '#event-store';
import { type PersonKeys, peopleIn } from '#personal-data';

/**
 * An event store that hands out an event only when this process knows the keys of all whom it names, as far as they were not
 * erased: another replica may have made them a moment ago.
 */
export function learningStore(store: EventStore, people: PersonKeys): EventStore {
  const learnt = async (event: StoredEvent): Promise<StoredEvent> => {
    await people.learn(namedIn(event));
    return event;
  };
  return {
    append: (stream, expectedRevision, events) => store.append(stream, expectedRevision, events),
    head: (stream) => store.head(stream),
    streams: () => store.streams(),
    hashes: (stream, from) => store.hashes(stream, from),
    checkpoint: (name) => store.checkpoint(name),
    saveCheckpoint: (name, position) => store.saveCheckpoint(name, position),
    close: () => store.close(),
    async *read(stream, options) {
      for await (const event of store.read(stream, options)) yield await learnt(event);
    },
    async *readAll(options) {
      for await (const event of store.readAll(options)) yield await learnt(event);
    },
    subscribe: (start, handler) => store.subscribe(start, async (event) => handler(await learnt(event))),
  };
}

/** What cannot be read names nobody; whoever opens it says so. */
function namedIn(event: StoredEvent): ReadonlySet<string> {
  try {
    return peopleIn(event);
  } catch {
    return new Set();
  }
}
