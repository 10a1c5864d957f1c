import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import type { EventStore, StoredEvent } from '#event-store';
import { describeEvent } from '../ledger/describe-event.js';
import { Ledger } from '../ledger/ledger.js';
import type { Tailnet } from '../tailnet/tailnet.js';

/** Which events to show. */
export interface LedgerFilter {
  /** Only events after this revision. */
  readonly after: number;
  readonly limit: number;
  /** Go on with new ones as they come. */
  readonly follow: boolean;
  readonly type?: string | undefined;
  /** The id or the name of who caused it. */
  readonly actor?: string | undefined;
  /** The id of the node that it is about. */
  readonly node?: string | undefined;
}

/** An event as the API shows it. */
export type EventView = Omit<StoredEvent, 'position'> & { readonly summary: string };

/** The events of a tailnet, oldest first. */
export class ReadLedger extends Query<AsyncIterable<EventView>> {
  /** @param signal ends it while it waits for new events */
  constructor(
    readonly tailnet: Tailnet,
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

  async execute({ tailnet, filter, signal }: ReadLedger): Promise<AsyncIterable<EventView>> {
    return shown(this.ledger.store, tailnet, filter, signal);
  }
}

async function* shown(
  store: EventStore,
  tailnet: Tailnet,
  filter: LedgerFilter,
  signal: AbortSignal,
): AsyncGenerator<EventView> {
  let next = filter.after + 1;
  for (let left = filter.limit; left > 0; await tailnet.fold.reached(next, signal)) {
    for await (const event of store.read(tailnet.stream, { from: next })) {
      next = event.revision + 1;
      if (!matches(event, filter)) continue;
      const { position, ...envelope } = event;
      yield { ...envelope, summary: describeEvent(event, tailnet.names) };
      left -= 1;
      if (left === 0) return;
    }
    if (!filter.follow) return;
  }
}

const matches = ({ type, actor, data }: StoredEvent, filter: LedgerFilter): boolean =>
  (filter.type === undefined || filter.type === type) &&
  (filter.actor === undefined || filter.actor === actor.id || filter.actor === actor.name) &&
  (filter.node === undefined || filter.node === data.nodeId);
