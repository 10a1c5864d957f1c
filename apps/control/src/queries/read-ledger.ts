import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import type { StoredEvent } from '#event-store';
import { type EventView, eventView } from '../ledger/event-view.js';
import { Ledger } from '../ledger/ledger.js';
import { type LedgerFilter, passes, says } from '../ledger/ledger-filter.js';
import type { Tailnet } from '../tailnet/tailnet.js';

/** Which part of a ledger is read, and how. */
export interface LedgerRange {
  /** The first revision, and the last; there need not be so many. */
  readonly from: number;
  readonly to: number;
  /** At most so many events. */
  readonly limit: number;
  /** The newest first. */
  readonly newestFirst: boolean;
  /** Only the last so many of those that pass; not with `newestFirst`. */
  readonly last?: number | undefined;
  /** Go on with new events as they come. */
  readonly follow: boolean;
}

/** The events of a tailnet that pass a filter. */
export class ReadLedger extends Query<AsyncIterable<EventView>> {
  /** @param signal ends it while it waits for new events */
  constructor(
    readonly tailnet: Tailnet,
    readonly range: LedgerRange,
    readonly filter: LedgerFilter,
    readonly signal: AbortSignal,
  ) {
    super();
  }
}

/** Reads the stream of a tailnet, and waits at its end when it is to be followed. */
@QueryHandler(ReadLedger)
export class ReadLedgerHandler implements IQueryHandler<ReadLedger> {
  constructor(private readonly ledger: Ledger) {}

  async execute(query: ReadLedger): Promise<AsyncIterable<EventView>> {
    return first(query.range.limit, query.range.last === undefined ? this.#read(query) : this.#readLast(query));
  }

  async *#read({ tailnet, range, filter, signal }: ReadLedger): AsyncGenerator<EventView> {
    if (range.newestFirst) {
      yield* this.#stored(tailnet, range.from, range.to, filter, true);
      return;
    }
    const end = Math.min(range.to, tailnet.fold.head.revision);
    yield* this.#stored(tailnet, range.from, end, filter);
    if (range.follow) yield* this.#coming(tailnet, { ...range, from: Math.max(range.from, end + 1) }, filter, signal);
  }

  /** Looks for them from the end, and gives them in order. */
  async *#readLast({ tailnet, range, filter, signal }: ReadLedger): AsyncGenerator<EventView> {
    const end = Math.min(range.to, tailnet.fold.head.revision);
    const found: EventView[] = [];
    for await (const view of first(range.last ?? 0, this.#stored(tailnet, range.from, end, filter, true))) {
      found.push(view);
    }
    yield* found.reverse();
    if (range.follow) yield* this.#coming(tailnet, { ...range, from: Math.max(range.from, end + 1) }, filter, signal);
  }

  async *#coming(
    tailnet: Tailnet,
    { from, to }: LedgerRange,
    filter: LedgerFilter,
    signal: AbortSignal,
  ): AsyncGenerator<EventView> {
    let next = from;
    while (next <= to) {
      const state = await tailnet.fold.reached(next, signal).catch((error) => {
        if (!signal.aborted) throw error;
      });
      if (!state) return;
      const { revision } = state;
      yield* this.#stored(tailnet, next, Math.min(to, revision), filter);
      next = revision + 1;
    }
  }

  async *#stored(
    tailnet: Tailnet,
    from: number,
    to: number,
    filter: LedgerFilter,
    backwards = false,
  ): AsyncGenerator<EventView> {
    const end = Math.min(to, tailnet.fold.head.revision);
    if (from > end) return;
    const options = { from: backwards ? end : from, limit: end - from + 1, backwards };
    for await (const event of this.ledger.store.read(tailnet.stream, options)) {
      const view = await shown(tailnet, event, filter);
      if (view) yield view;
    }
  }
}

async function shown(tailnet: Tailnet, event: StoredEvent, filter: LedgerFilter): Promise<EventView | undefined> {
  if (!passes(filter, tailnet, event)) return undefined;
  const view = await eventView(tailnet, event);
  return says(filter, view) ? view : undefined;
}

async function* first<T>(count: number, items: AsyncIterable<T>): AsyncGenerator<T> {
  let left = count;
  if (left <= 0) return;
  for await (const item of items) {
    yield item;
    left -= 1;
    if (left === 0) return;
  }
}
