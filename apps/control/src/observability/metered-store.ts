import {
  type Appended,
  type EventStore,
  type LedgerEvent,
  type StoredEvent,
  WrongExpectedRevision,
} from '#event-store';
import { type Clock, problemOf } from '#kernel';
import type { LedgerMetrics } from './metrics/ledger-metrics.js';
import type { SubscriptionLag } from './metrics/subscription-lag.js';

/** Wraps a store, and notes how long it takes, what fails, and how far behind its subscribers are. */
export function meteredStore(
  store: EventStore,
  { ledger, lag }: { readonly ledger: LedgerMetrics; readonly lag: SubscriptionLag },
  clock: Clock,
): EventStore {
  return {
    append: async (stream, expectedRevision, events) => {
      const appended = await timed(ledger, events, () => store.append(stream, expectedRevision, events));
      lag.stored(stream, expectedRevision, appended.revision);
      return appended;
    },
    head: async (stream) => {
      try {
        const head = await store.head(stream);
        ledger.answered();
        return head;
      } catch (error) {
        ledger.failed('head', problemOf(error).code);
        throw error;
      }
    },
    subscribe: (start, handler) =>
      store.subscribe(start, (event: StoredEvent) => {
        const begun = performance.now();
        const handled = handler(event);
        lag.applied(event.stream, event.revision);
        ledger.dispatched((performance.now() - begun) / 1_000, (clock.now() - event.recordedAt) / 1_000);
        return handled;
      }),
    read: (stream, options) => store.read(stream, options),
    hashes: (stream, from) => store.hashes(stream, from),
    readAll: (options) => store.readAll(options),
    streams: () => store.streams(),
    checkpoint: (name) => store.checkpoint(name),
    saveCheckpoint: (name, position) => store.saveCheckpoint(name, position),
    close: () => store.close(),
  };
}

async function timed(
  ledger: LedgerMetrics,
  events: readonly LedgerEvent[],
  append: () => Promise<Appended>,
): Promise<Appended> {
  const begun = performance.now();
  const seconds = () => (performance.now() - begun) / 1_000;
  try {
    const appended = await append();
    ledger.appended('stored', seconds(), events.length);
    return appended;
  } catch (error) {
    const contended = error instanceof WrongExpectedRevision;
    ledger.appended(contended ? 'contended' : 'failed', seconds(), events.length);
    if (!contended) ledger.failed('append', problemOf(error).code);
    throw error;
  }
}
