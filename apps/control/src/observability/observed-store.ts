import {
  type Appended,
  type EventStore,
  type LedgerEvent,
  type StoredEvent,
  WrongExpectedRevision,
} from '#event-store';
import { type Clock, problemOf } from '#kernel';
import type { LedgerMetrics } from './metrics/ledger-metrics.js';
import type { Observability } from './observability.js';
import { parseTraceparent } from './tracing/trace-context.js';
import { endWith, type Traces } from './tracing/traces.js';

/** Wraps a store, and notes how long it takes, what fails, and how far behind its subscribers are. */
export function observedStore(store: EventStore, { metrics, traces }: Observability, clock: Clock): EventStore {
  const { ledger, lag } = metrics;
  return {
    append: async (stream, expectedRevision, events) => {
      const append = () => timed(ledger, events, () => store.append(stream, expectedRevision, events));
      const appended = await (traces.on ? traced(traces, events, append) : append());
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
        const span = traces.on ? traceOf(traces, 'dispatch', event) : undefined;
        const handled = handler(event);
        span?.end();
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

/** What a store that is well says to an append that it cannot take. */
const REFUSED: ReadonlySet<string> = new Set([
  'store.append_too_large',
  'store.bad_chain',
  'store.bad_stream_name',
  'store.nothing_to_append',
]);

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
    const { code } = problemOf(error);
    const outcome = error instanceof WrongExpectedRevision ? 'contended' : REFUSED.has(code) ? 'refused' : 'failed';
    ledger.appended(outcome, seconds(), events.length);
    if (outcome === 'failed') ledger.failed('append', code);
    throw error;
  }
}

/** An append is in the trace of every command that it stores events of. */
async function traced(
  traces: Traces,
  events: readonly LedgerEvent[],
  append: () => Promise<Appended>,
): Promise<Appended> {
  const first = new Map(events.map((event) => [event.correlation, event]).reverse() as [string, LedgerEvent][]);
  const spans = [...first.values()].map((event) => traceOf(traces, 'append', event, events.length));
  try {
    const appended = await append();
    for (const span of spans) span?.end();
    return appended;
  } catch (error) {
    for (const span of spans) endWith(span, error);
    throw error;
  }
}

function traceOf(traces: Traces, name: string, { correlation, stream, type, revision }: LedgerEvent, batch?: number) {
  const parent = parseTraceparent(correlation);
  if (!parent) return undefined;
  const attributes = { 'netfold.stream': stream, 'netfold.event': type, 'netfold.revision': revision };
  return traces.start(name, parent, { attributes: { ...attributes, ...(batch && { 'netfold.batch': batch }) } });
}
