import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import type { Problem } from '#kernel';
import type { Impact } from '#reach';
import { type Change, type ProposedCommand, upcast } from '#tailnet';
import { SystemClock } from '../config/system-clock.js';
import { Ledger } from '../ledger/ledger.js';
import type { Tailnet } from '../tailnet/tailnet.js';
import { approvedImpact } from './approved-impact.js';
import { type ChangeView, changeView } from './change-view.js';
import { findChange } from './find-change.js';
import { type ImpactDifference, impactDifference } from './impact-difference.js';
import { preview } from './preview.js';

/** A change with what it would do now. */
export interface ShownChange {
  readonly revision: number;
  readonly change: ChangeView;
  /** Of an open change, against the head; null when it would not run. */
  readonly impact: Impact | null;
  /** Why it would not run. */
  readonly problem: Problem | null;
  /** What differs from what those saw who have approved it, last or until their approvals lapsed. */
  readonly sinceApproved: ImpactDifference | null;
}

/** One change, and what it would do. */
export class ShowChange extends Query<ShownChange> {
  constructor(
    readonly tailnet: Tailnet,
    readonly changeId: string,
  ) {
    super();
  }
}

/** Works out the impact at the head. */
@QueryHandler(ShowChange)
export class ShowChangeHandler implements IQueryHandler<ShowChange> {
  constructor(
    private readonly clock: SystemClock,
    private readonly ledger: Ledger,
  ) {}

  async execute({ tailnet, changeId }: ShowChange): Promise<ShownChange> {
    const { state } = tailnet.fold;
    const now = this.clock.now();
    const change = findChange(state, changeId);
    const { revision } = state;
    if (change.stage !== 'open') {
      const commands = change.commands.length > 0 ? change.commands : await this.#commandsOf(tailnet, change);
      const view = changeView(state, tailnet.names, change, now, commands);
      return { revision, change: view, impact: null, problem: null, sinceApproved: null };
    }
    const { impact = null, problem = null } = await preview(state, change, now);
    const approvals = change.approvals.length > 0 ? change.approvals : (change.lapsed?.approvals ?? []);
    const then = impact ? await approvedImpact(tailnet, change, approvals, now) : undefined;
    const moved = then && impact && then.digest !== impact.digest;
    const sinceApproved = moved ? impactDifference(then, impact, (id) => tailnet.names.of(id)) : null;
    return { revision, change: changeView(state, tailnet.names, change, now), impact, problem, sinceApproved };
  }

  /** What a change consisted of that has ended: it is not kept but in the ledger. */
  async #commandsOf({ stream }: Tailnet, { revision }: Change): Promise<readonly ProposedCommand[]> {
    for await (const stored of this.ledger.store.read(stream, { from: revision, limit: 1 })) {
      const event = upcast(stored);
      if (event?.type === 'ChangeProposed') return event.data.commands;
    }
    return [];
  }
}
