import type { Change } from './change.js';
import type { Cohort } from './cohorts.js';
import type { RuleItem } from './item.js';
import { receiversOf, sendersOf } from './labels.js';
import type { Network, NodeRecord } from './network.js';
import { flippedCohorts, shiftOf } from './reach-shift.js';
import { unshared } from './unshared.js';
import { audienceOf, cohortsBearing, membersBearing, nodesOfUser, peersOf } from './view.js';

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
  const moved = old?.presence?.cohort !== fresh?.presence?.cohort || old?.userId !== fresh?.userId;
  if (moved || old?.self !== fresh?.self) affected.add(id);
  const changed = old?.presence?.peer !== fresh?.presence?.peer;
  if (!moved && !changed) return;
  addDifference(affected, old && peersOf(before, old), fresh && peersOf(after, fresh), changed);
}

function addForRoute(affected: Set<string>, before: Network, after: Network, id: string): void {
  const changed = before.routes.get(id)?.item !== after.routes.get(id)?.item;
  addDifference(affected, audienceOf(before, id), audienceOf(after, id), changed);
}

/** Adds who sees a thing: everybody before and after when it changed, else those who see it on one side only. */
function addDifference(
  affected: Set<string>,
  before: Iterable<string> = [],
  after: Iterable<string> = [],
  changed: boolean,
): void {
  if (changed) {
    addAll(affected, before);
    addAll(affected, after);
  } else addAll(affected, unshared(new Set(before), new Set(after)));
}

function addForRules(affected: Set<string>, before: Network, after: Network, ids: ReadonlySet<string>): void {
  const senders = new Map<string, Cohort>();
  for (const id of ids) {
    const [gone, come] = [before.policy.rules.get(id), after.policy.rules.get(id)];
    if (gone === come) continue;
    if (gone) addAll(affected, membersBearing(before.cohorts, receiversOf(gone)));
    if (come) addAll(affected, membersBearing(after.cohorts, receiversOf(come)));
    for (const cohort of cohortsBearing(after.cohorts, sendersOf((come ?? gone) as RuleItem)))
      senders.set(cohort.id, cohort);
  }
  for (const cohort of senders.values()) addForSenders(affected, before, after, cohort);
}

/** Adds the members of a cohort if they see others than before. Those who joined the cohort changed themselves. */
function addForSenders(affected: Set<string>, before: Network, after: Network, cohort: Cohort): void {
  if (!before.cohorts.get(cohort.id)) return;
  const [old, fresh] = [before.policy.reachOf(cohort), after.policy.reachOf(cohort)];
  const shift = shiftOf(old, fresh);
  if (
    isAny(flippedCohorts([before.cohorts, old.peers], [after.cohorts, fresh.peers], shift.peers)) ||
    isAny(flippedCohorts([before.routes.cohorts, old.routes], [after.routes.cohorts, fresh.routes], shift.routes))
  ) {
    addAll(affected, cohort.members);
  } else if (shift.ownPeers.length > 0) {
    for (const id of cohort.members) if (hasSiblings(after, after.nodes.get(id))) affected.add(id);
  }
}

const hasSiblings = (network: Network, record: NodeRecord | undefined): boolean =>
  record !== undefined && nodesOfUser(network, record).size > 1;

function addAll(set: Set<string>, ids: Iterable<string>): void {
  for (const id of ids) set.add(id);
}

function isAny(items: Iterable<unknown>): boolean {
  for (const _ of items) return true;
  return false;
}
