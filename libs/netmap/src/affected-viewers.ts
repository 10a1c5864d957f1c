import { Set as PersistentSet } from 'immutable';
import type { Label } from '#policy';
import type { Change } from './change.js';
import type { Cohort } from './cohorts.js';
import type { RouteItem } from './item.js';
import { receiversOf, sendersOf } from './labels.js';
import type { Network } from './network.js';
import type { Reach } from './policy-index.js';
import { flippedCohorts, shiftOf } from './reach-shift.js';
import { waysBearing } from './route-table.js';
import { unshared } from './unshared.js';
import { audienceOf, peersOf, reachOf, routeOf } from './view.js';

/**
 * The nodes whose netmap may differ between the two networks; all others' netmaps are the same. It names few whose
 * netmap turns out to be the same. Cost: the viewers that it names, not the network.
 */
export function affectedViewers(before: Network, after: Network, change: Change): Set<string> {
  const affected = new Set<string>();
  for (const id of change.nodes) addForNode(affected, before, after, id);
  for (const id of change.routes) addForRoute(affected, before, after, id);
  addForRules(affected, before, after, change.rules);
  if (before.dns !== after.dns) for (const cohort of after.cohorts.all()) addAll(affected, cohort.members);
  return affected;
}

function addForNode(affected: Set<string>, before: Network, after: Network, id: string): void {
  const [old, fresh] = [before.nodes.get(id), after.nodes.get(id)];
  if (old === fresh) return;
  const moved = old?.presence?.party.id !== fresh?.presence?.party.id || old?.userId !== fresh?.userId;
  if (moved || old?.self !== fresh?.self) affected.add(id);
  const [saw, see] = [old ? peersOf(before, old) : [], fresh ? peersOf(after, fresh) : []];
  if (old?.presence?.peer !== fresh?.presence?.peer) {
    addAll(affected, saw);
    addAll(affected, see);
  } else if (moved) addAll(affected, unshared(new Set(saw), new Set(see)));
}

function addForRoute(affected: Set<string>, before: Network, after: Network, id: string): void {
  for (const viewer of new Set([...audienceOf(before, id), ...audienceOf(after, id)])) {
    if (toldOf(before, viewer, id) !== toldOf(after, viewer, id)) affected.add(viewer);
  }
}

function toldOf(network: Network, viewer: string, route: string): RouteItem | undefined {
  const record = network.nodes.get(viewer);
  const reach = record && reachOf(network, record);
  return record && reach && routeOf(network, record, reach, route);
}

function addForRules(affected: Set<string>, before: Network, after: Network, ids: ReadonlySet<string>): void {
  const senders = new Map<string, Cohort>();
  for (const id of ids) {
    const [gone, come] = [before.policy.rules.get(id), after.policy.rules.get(id)];
    if (gone === come) continue;
    if (gone) addAll(affected, before.cohorts.membersBearing(receiversOf(gone)));
    if (come) addAll(affected, after.cohorts.membersBearing(receiversOf(come)));
    const senderLabels = [gone, come].flatMap((rule) => (rule ? sendersOf(rule) : []));
    for (const cohort of after.cohorts.bearing(senderLabels)) senders.set(cohort.party.id, cohort);
  }
  for (const cohort of senders.values()) addForSenders(affected, before, after, cohort);
}

/** Adds the members of a cohort if they see others than before. Those who joined the cohort changed themselves. */
function addForSenders(affected: Set<string>, before: Network, after: Network, { party, members }: Cohort): void {
  if (!before.cohorts.has(party.id)) return;
  const [old, fresh] = [before.policy.reachOf(party), after.policy.reachOf(party)];
  const shift = shiftOf(old, fresh);
  const peers = flippedCohorts([before.cohorts, old.peers], [after.cohorts, fresh.peers], shift.peers);
  if (isAny(peers) || isAny(flippedRoutes([before, old], [after, fresh], shift.routes))) addAll(affected, members);
  else if (shift.ownPeers.length > 0) {
    for (const id of members) if (hasSiblings(after, id)) affected.add(id);
  }
}

/** The routes of which a reach tells by other ways than another. Routes that changed themselves may be missing. */
function* flippedRoutes(
  [before, old]: readonly [Network, Reach],
  [after, fresh]: readonly [Network, Reach],
  shifted: readonly Label[],
): Iterable<string> {
  for (const id of after.routes.cohorts.membersBearing(shifted)) {
    const was = waysBearing(before.routes.get(id), old.routes);
    const is = waysBearing(after.routes.get(id), fresh.routes);
    if (was.length !== is.length || is.some((way, rank) => way !== was[rank])) yield id;
  }
}

function hasSiblings({ nodes, nodesByUser }: Network, id: string): boolean {
  const userId = nodes.get(id)?.userId;
  return userId !== undefined && nodesByUser.get(userId, PersistentSet<string>()).size > 1;
}

function addAll(set: Set<string>, ids: Iterable<string>): void {
  for (const id of ids) set.add(id);
}

function isAny(items: Iterable<unknown>): boolean {
  for (const _ of items) return true;
  return false;
}
