import type { Change } from './change.js';
import type { NetmapDiff } from './netmap.js';
import type { Network } from './network.js';
import type { Reach } from './policy-index.js';
import { flippedCohorts, type ReachShift, shiftOf } from './reach-shift.js';
import { partySight, type Questions, type Sight, stepBetween } from './sight.js';

/** The step that nodes take who are of one party before and of one party after, but for those who are involved. */
export interface CommonStep {
  readonly diff: NetmapDiff;
  readonly questions: Questions;
  /** Nodes in the diff, or behind routes in it: they are not told of themselves. */
  readonly involved: ReadonlySet<string>;
  /** Users among whose nodes something changed that others are not told of. */
  readonly involvedUsers: ReadonlySet<string>;
  /** Whether that holds for every user. */
  readonly everyUser: boolean;
}

/** The steps of all parties over one change. */
export class CommonSteps {
  readonly #known = new Map<Reach, Map<Reach, CommonStep>>();

  constructor(
    readonly before: Network,
    readonly after: Network,
    private readonly change: Change,
  ) {}

  of(old: Reach, fresh: Reach): CommonStep {
    const known = this.#known.get(old)?.get(fresh);
    if (known) return known;
    const step = this.#find(partySight(this.before, old), partySight(this.after, fresh));
    const steps = this.#known.get(old) ?? new Map<Reach, CommonStep>();
    this.#known.set(old, steps.set(fresh, step));
    return step;
  }

  #find(old: Sight, fresh: Sight): CommonStep {
    const shift = shiftOf(old.reach, fresh.reach);
    const questions = {
      peers: this.#peersInQuestion(old, fresh, shift),
      routes: this.#routesInQuestion(old, fresh, shift),
    };
    const diff = stepBetween(old, fresh, questions);
    const amongOwn = old.reach.ownPeers.size + fresh.reach.ownPeers.size > 0;
    return {
      diff,
      questions,
      involved: involvedIn(diff, questions, [old, fresh]),
      involvedUsers: new Set(amongOwn ? this.#usersOfChange() : []),
      everyUser: shift.ownPeers.length > 0,
    };
  }

  /** The nodes that changed, or that the party sees, whichever are fewer; and those whom it begins or ceases to see. */
  #peersInQuestion(old: Sight, fresh: Sight, shift: ReachShift): ReadonlySet<string> {
    const { nodes } = this.change;
    const ids = new Set(nodes.size > seenBy(old) + seenBy(fresh) ? [...seen(old), ...seen(fresh)] : nodes);
    const [before, after] = [old.network.cohorts, fresh.network.cohorts];
    for (const { members } of flippedCohorts([before, old.reach.peers], [after, fresh.reach.peers], shift.peers)) {
      for (const id of members) ids.add(id);
    }
    return ids;
  }

  #routesInQuestion(old: Sight, fresh: Sight, shift: ReachShift): ReadonlySet<string> {
    if (shift.routes.length === 0) return this.change.routes;
    const ids = new Set(this.change.routes);
    for (const { network } of [old, fresh]) {
      for (const id of network.routes.cohorts.membersBearing(shift.routes)) ids.add(id);
    }
    return ids;
  }

  *#usersOfChange(): Iterable<string> {
    for (const { nodes } of [this.before, this.after]) {
      for (const id of this.change.nodes) {
        const user = nodes.get(id)?.userId;
        if (user !== undefined) yield user;
      }
    }
  }
}

const seen = ({ network, reach }: Sight): Iterable<string> => network.cohorts.membersBearing(reach.peers);

function seenBy({ network, reach }: Sight): number {
  let count = 0;
  for (const { members } of network.cohorts.bearing(reach.peers)) count += members.size;
  return count;
}

function involvedIn(diff: NetmapDiff, { routes }: Questions, sights: readonly Sight[]): ReadonlySet<string> {
  const involved = new Set<string>();
  for (const item of diff.removed) if (item.kind === 'peer') involved.add(item.id);
  for (const { after } of diff.upserted) if (after.kind === 'peer') involved.add(after.id);
  for (const { network } of sights) {
    for (const id of routes) for (const { via } of network.routes.get(id)?.ways ?? []) involved.add(via);
  }
  return involved;
}
