import type { Change } from './change.js';
import type { PeerItem, RouteItem } from './item.js';
import { DiffBuilder, diffNetmaps, type NetmapDiff } from './netmap.js';
import type { Network, NodeRecord } from './network.js';
import type { Reach } from './policy-index.js';
import { flippedCohorts, shiftOf } from './reach-shift.js';
import { cohortsBearing, holdsRoute, nodesOfUser, reachOf, sees, viewOf } from './view.js';

/** One side of a comparison. */
interface Sight {
  readonly network: Network;
  readonly viewer: NodeRecord;
  readonly reach: Reach;
}

/** Below this many changed nodes, looking at each is cheaper than counting what a viewer sees. */
const FEW_NODES = 64;

/**
 * The step from one netmap of a viewer to another, without building either.
 * @param change from `before` to `after`, or more
 */
export function diffView(before: Network, after: Network, viewer: string, change: Change): NetmapDiff {
  const [old, fresh] = [sightOf(before, viewer), sightOf(after, viewer)];
  if (!old || !fresh || outweighs(change, old, fresh))
    return diffNetmaps(viewOf(before, viewer), viewOf(after, viewer));
  const step = new DiffBuilder();
  step.add(old.viewer.self, fresh.viewer.self);
  step.add(before.dns, after.dns);
  for (const id of peersInQuestion(old, fresh, change)) step.add(peerIn(old, id), peerIn(fresh, id));
  for (const id of routesInQuestion(old, fresh, change)) step.add(routeIn(old, id), routeIn(fresh, id));
  if (old.reach !== fresh.reach) compareRules(step, old.reach, fresh.reach);
  return step.build();
}

function sightOf(network: Network, id: string): Sight | undefined {
  const viewer = network.nodes.get(id);
  const reach = viewer && reachOf(network, viewer);
  return reach && { network, viewer, reach };
}

/** Whether more nodes changed than the viewer sees at all. */
function outweighs({ nodes }: Change, old: Sight, fresh: Sight): boolean {
  if (nodes.size <= FEW_NODES) return false;
  let seen = 0;
  for (const { network, reach } of [old, fresh]) {
    for (const { members } of cohortsBearing(network.cohorts, reach.peers)) seen += members.size;
  }
  return nodes.size > seen;
}

function peersInQuestion(old: Sight, fresh: Sight, { nodes }: Change): Iterable<string> {
  const shift = shiftOf(old.reach, fresh.reach);
  const moved = old.viewer.userId !== fresh.viewer.userId || shift.ownPeers.length > 0;
  if (shift.peers.length === 0 && !moved) return nodes;
  const ids = new Set(nodes);
  const [before, after] = [old.network.cohorts, fresh.network.cohorts];
  for (const { members } of flippedCohorts([before, old.reach.peers], [after, fresh.reach.peers], shift.peers)) {
    for (const id of members) ids.add(id);
  }
  if (moved) {
    for (const { network, viewer } of [old, fresh]) for (const id of nodesOfUser(network, viewer)) ids.add(id);
  }
  return ids;
}

function peerIn({ network, viewer, reach }: Sight, id: string): PeerItem | undefined {
  const record = network.nodes.get(id);
  return record && sees(network, viewer, reach, record) ? record.presence?.peer : undefined;
}

function routesInQuestion(old: Sight, fresh: Sight, { routes }: Change): Iterable<string> {
  const shift = shiftOf(old.reach, fresh.reach);
  if (shift.routes.length === 0) return routes;
  const ids = new Set(routes);
  const [before, after] = [old.network.routes.cohorts, fresh.network.routes.cohorts];
  for (const { members } of flippedCohorts([before, old.reach.routes], [after, fresh.reach.routes], shift.routes)) {
    for (const id of members) ids.add(id);
  }
  return ids;
}

function routeIn({ network, viewer, reach }: Sight, id: string): RouteItem | undefined {
  const record = network.routes.get(id);
  return record && holdsRoute(network, viewer, reach, record) ? record.item : undefined;
}

function compareRules(step: DiffBuilder, old: Reach, fresh: Reach): void {
  for (const [id, rule] of old.rules) step.add(rule, fresh.rules.get(id));
  for (const [id, rule] of fresh.rules) if (!old.rules.has(id)) step.add(undefined, rule);
}
