import { EMPTY_HEAD, type Head, type StoredEvent } from './event.js';
import { canonicalEvent, eventHash } from './event-hash.js';
import type { EventHandler, EventStore, ReadAllOptions, ReadOptions, SubscriptionStart } from './event-store.js';
import { subscribeThrough } from './stream-quarantine.js';
import { requireNext } from './verify-chain.js';

/**
 * An event store that hands out no event that was changed where it is stored: each is held to its hash, over its content
 * and the hash of the one before it. What was changed together with all hashes after it shows in a checkpoint alone; and
 * where reading all or a subscription begins in the middle of a stream, the first event of that stream is taken as it is.
 * @throws NetfoldError `chain.…` from reads, naming the first wrong event; to a subscription that stream is unreadable
 */
export function checkedStore(store: EventStore): EventStore {
  return {
    append: (stream, expectedRevision, events) => store.append(stream, expectedRevision, events),
    head: (stream) => store.head(stream),
    streams: () => store.streams(),
    hashes: (stream, from) => store.hashes(stream, from),
    checkpoint: (name) => store.checkpoint(name),
    saveCheckpoint: (name, position) => store.saveCheckpoint(name, position),
    close: () => store.close(),
    read: (stream: string, options: ReadOptions = {}) =>
      options.backwards ? backwards(store, stream, options) : forwards(store, stream, options),
    async *readAll(options?: ReadAllOptions) {
      const check = chainCheck();
      for await (const event of store.readAll(options)) yield check(event);
    },
    subscribe(start: SubscriptionStart, handler: EventHandler) {
      return subscribeThrough(store, start, handler, chainCheck());
    },
  };
}

/** Reads the event before the first one too, for its hash. */
async function* forwards(store: EventStore, stream: string, { from = 0, limit = Infinity }: ReadOptions) {
  const check = chainCheck();
  const begin = Math.max(0, from - 1);
  const ahead = Math.max(0, from) - begin;
  if (limit <= 0) return;
  for await (const event of store.read(stream, { from: begin, limit: limit + ahead })) {
    check(event);
    if (event.revision >= from) yield event;
  }
}

/** An event is handed out when the one before it has come. */
async function* backwards(store: EventStore, stream: string, { limit = Infinity, ...options }: ReadOptions) {
  let later: StoredEvent | undefined;
  let left = limit;
  for await (const event of store.read(stream, { ...options, limit: limit + 1 })) {
    if (later) yield checked(event, later);
    if (later) left -= 1;
    later = event;
  }
  if (later && left > 0) yield checked(EMPTY_HEAD, later);
}

/** Checks events of any streams, each stream's in order of revision. */
function chainCheck(): (event: StoredEvent) => StoredEvent {
  const heads = new Map<string, Head>();
  return (event) => {
    const before = heads.get(event.stream) ?? (event.revision === 0 ? EMPTY_HEAD : undefined);
    heads.set(event.stream, { revision: event.revision, hash: event.hash });
    return before ? checked(before, event) : event;
  };
}

function checked({ revision, hash }: Head, event: StoredEvent): StoredEvent {
  const { position: _, hash: own, ...envelope } = event;
  // Most stores read the canonical text itself, whose members come back in its order: that need not be sorted again.
  if (event.revision === revision + 1 && own === eventHash(hash, JSON.stringify(envelope))) return event;
  requireNext({ revision, hash }, event.stream, event, canonicalEvent(event));
  return event;
}
