import type { Change } from './change.js';
import { type CommonStep, CommonSteps } from './common-step.js';
import { diffNetmaps, type NetmapDiff } from './netmap.js';
import type { Network, NodeRecord } from './network.js';
import { stepBetween, viewerSight } from './sight.js';
import { reachOf, siblingsOf, viewOf } from './view.js';

// A change is met once per viewer, and most viewers have few parties between them.
const steps = new WeakMap<Change, CommonSteps>();

/**
 * The step from one netmap of a viewer to another, without building either. Viewers to whom the same happens get the
 * same object.
 * @param change from `before` to `after`, or more
 */
export function diffView(before: Network, after: Network, viewer: string, change: Change): NetmapDiff {
  const [old, fresh] = [before.nodes.get(viewer), after.nodes.get(viewer)];
  const [oldReach, freshReach] = [old && reachOf(before, old), fresh && reachOf(after, fresh)];
  if (!old || !fresh || !oldReach || !freshReach) return diffNetmaps(viewOf(before, viewer), viewOf(after, viewer));
  const common = commonSteps(before, after, change).of(oldReach, freshReach);
  if (!isInvolved(common, old, fresh)) return common.diff;
  const everySibling = common.everyUser || old.userId !== fresh.userId;
  const peers = new Set(common.questions.peers);
  for (const siblings of [siblingsOf(before, old, oldReach), siblingsOf(after, fresh, freshReach)]) {
    for (const id of everySibling ? siblings : shared(siblings, change.nodes)) peers.add(id);
  }
  const { routes } = common.questions;
  return stepBetween(viewerSight(before, old, oldReach), viewerSight(after, fresh, freshReach), { peers, routes });
}

function commonSteps(before: Network, after: Network, change: Change): CommonSteps {
  const known = steps.get(change);
  if (known?.before === before && known.after === after) return known;
  const fresh = new CommonSteps(before, after, change);
  steps.set(change, fresh);
  return fresh;
}

/** Whether something else may happen to the viewer than to the others of its party. */
const isInvolved = (common: CommonStep, old: NodeRecord, fresh: NodeRecord): boolean =>
  old.self !== fresh.self ||
  common.involved.has(old.id) ||
  (old.userId !== undefined && (common.everyUser || common.involvedUsers.has(old.userId)));

/** The members of both sets, at the cost of the smaller one. */
function shared(a: Members, b: Members): string[] {
  const [few, many] = a.size < b.size ? [a, b] : [b, a];
  return [...few].filter((id) => many.has(id));
}

interface Members extends Iterable<string> {
  readonly size: number;
  has(id: string): boolean;
}
