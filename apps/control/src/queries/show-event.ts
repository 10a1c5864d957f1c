import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import { upcast } from '#tailnet';
import { changedLines } from '../ledger/changed-lines.js';
import { eventAt } from '../ledger/event-at.js';
import { type EventView, eventView } from '../ledger/event-view.js';
import { Ledger } from '../ledger/ledger.js';
import type { Tailnet } from '../tailnet/tailnet.js';

/** One event as a whole. */
export interface ShownEvent {
  readonly event: EventView;
  /** Of a policy: the lines that are not in the one before it, and those that are not in it any more, `+` or `-` first. */
  readonly lines?: readonly string[];
}

/** What does this event say? */
export class ShowEvent extends Query<ShownEvent> {
  constructor(
    readonly tailnet: Tailnet,
    readonly revision: number,
  ) {
    super();
  }
}

/** Reads it, and the policy before it. */
@QueryHandler(ShowEvent)
export class ShowEventHandler implements IQueryHandler<ShowEvent> {
  constructor(private readonly ledger: Ledger) {}

  async execute({ tailnet, revision }: ShowEvent): Promise<ShownEvent> {
    const stored = await eventAt(this.ledger.store, tailnet, revision);
    const event = await eventView(tailnet, stored);
    const known = upcast(stored);
    if (known?.type !== 'AclPublished') return { event };
    const before = revision === 0 ? '' : (await tailnet.history.stateAt(revision - 1)).policy.text;
    return { event, lines: changedLines(before, known.data.text) };
  }
}
