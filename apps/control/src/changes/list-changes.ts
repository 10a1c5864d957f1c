import { setImmediate as nextTurn } from 'node:timers/promises';
import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import type { Change } from '#tailnet';
import { SystemClock } from '../config/system-clock.js';
import type { Tailnet } from '../tailnet/tailnet.js';
import { type ChangeView, changeView, type OverrideView, overrideView } from './change-view.js';
import { type Outlook, outlook } from './outlook.js';

/** A change without what takes most room, and what would come of it now. */
export type ListedChange = Omit<ChangeView, 'commands'> & Outlook;

export interface ListedChanges {
  readonly revision: number;
  /** The newest first. */
  readonly changes: readonly ListedChange[];
  readonly overrides: readonly OverrideView[];
}

/** The changes that something may come of, or all that are remembered. */
export class ListChanges extends Query<ListedChanges> {
  constructor(
    readonly tailnet: Tailnet,
    readonly all: boolean,
  ) {
    super();
  }
}

/** Looks at what is remembered of changes; the ledger has all of them. */
@QueryHandler(ListChanges)
export class ListChangesHandler implements IQueryHandler<ListChanges> {
  constructor(private readonly clock: SystemClock) {}

  async execute({ tailnet, all }: ListChanges): Promise<ListedChanges> {
    const { fold, names } = tailnet;
    const { state } = fold;
    const { byId, overrides } = state.changes;
    const now = this.clock.now();
    const listed = [...byId.values()].filter((change) => all || isAlive(change));
    const changes: ListedChange[] = [];
    for (const change of listed.sort((a, b) => b.revision - a.revision)) {
      const { commands, ...view } = changeView(state, names, change, now);
      changes.push({ ...view, ...(await outlook(state, change, now)) });
      await nextTurn();
    }
    return {
      revision: state.revision,
      changes,
      overrides: [...overrides.values()].map((override) => overrideView(override, names)),
    };
  }
}

const isAlive = ({ stage, applied }: Change): boolean =>
  stage === 'open' || (stage === 'applied' && typeof applied?.until === 'number');
