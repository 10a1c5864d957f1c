import { Set as PersistentSet } from 'immutable';
import type { Label } from '#policy';
import type { Cohort, Cohorts } from './cohorts.js';
import { type Item, type ItemKey, keyOf, type RouteItem } from './item.js';
import type { Netmap } from './netmap.js';
import type { Network, NodeRecord } from './network.js';
import type { Reach } from './policy-index.js';
import type { RouteRecord } from './route-table.js';

/** The netmap of a node, put together from nothing; empty for a node that there is not. Cost: its size. */
export function viewOf(network: Network, viewer: string): Netmap {
  const items = new Map<ItemKey, Item>();
  const put = (item: Item) => items.set(keyOf(item), item);
  const record = network.nodes.get(viewer);
  if (!record) return items;
  put(record.self);
  const reach = reachOf(network, record);
  if (!reach) return items;
  if (network.dns) put(network.dns);
  for (const id of peersOf(network, record)) {
    const peer = network.nodes.get(id)?.presence?.peer;
    if (peer) put(peer);
  }
  for (const item of routesOf(network, record, reach)) put(item);
  for (const rule of reach.rules.values()) put(rule);
  return items;
}

/** What the policy gives a node; undefined when the node does not take part. */
export function reachOf(network: Network, record: NodeRecord): Reach | undefined {
  const cohort = record.presence && network.cohorts.get(record.presence.cohort);
  return cohort && network.policy.reachOf(cohort);
}

/** The ids of the nodes that see this one; they are also those that it sees. May repeat itself. */
export function* peersOf(network: Network, record: NodeRecord): Iterable<string> {
  const reach = reachOf(network, record);
  if (!reach) return;
  for (const id of membersBearing(network.cohorts, reach.peers)) if (id !== record.id) yield id;
  if (reach.ownPeers.size === 0) return;
  for (const id of nodesOfUser(network, record)) {
    const other = network.nodes.get(id);
    if (other && sees(network, record, reach, other)) yield id;
  }
}

/** Whether one of the two may reach the other, and so both see each other. */
export function sees(network: Network, viewer: NodeRecord, reach: Reach, other: NodeRecord): boolean {
  const cohort = other.presence && network.cohorts.get(other.presence.cohort);
  if (!cohort || viewer.id === other.id) return false;
  if (bearsAny(cohort, reach.peers)) return true;
  return viewer.userId !== undefined && viewer.userId === other.userId && bearsAny(cohort, reach.ownPeers);
}

/** The nodes of this node's user, itself included; none when it has no user. */
export const nodesOfUser = (network: Network, { userId }: NodeRecord): PersistentSet<string> =>
  (userId === undefined ? undefined : network.nodesByUser.get(userId)) ?? NOBODY;

const NOBODY = PersistentSet<string>();

/** Whether the viewer is told of this route. */
export function holdsRoute(network: Network, viewer: NodeRecord, reach: Reach, { item, cohort }: RouteRecord): boolean {
  const like = network.routes.cohorts.get(cohort);
  return item.via !== viewer.id && like !== undefined && bearsAny(like, reach.routes);
}

function* routesOf(network: Network, viewer: NodeRecord, reach: Reach): Iterable<RouteItem> {
  for (const id of membersBearing(network.routes.cohorts, reach.routes)) {
    const item = network.routes.get(id)?.item;
    if (item && item.via !== viewer.id) yield item;
  }
}

/** The ids of the nodes that are told of this route; empty when there is no such route. */
export function* audienceOf(network: Network, routeId: string): Iterable<string> {
  const record = network.routes.get(routeId);
  const cohort = record && network.routes.cohorts.get(record.cohort);
  if (!cohort) return;
  for (const id of membersBearing(network.cohorts, network.policy.audienceOf(cohort))) {
    if (id !== record.item.via) yield id;
  }
}

/** The members of all cohorts that bear one of these labels, each once. */
export function* membersBearing(cohorts: Cohorts, labels: Iterable<Label>): Iterable<string> {
  for (const cohort of cohortsBearing(cohorts, labels)) yield* cohort.members;
}

export function* cohortsBearing(cohorts: Cohorts, labels: Iterable<Label>): Iterable<Cohort> {
  const seen = new Set<string>();
  for (const label of labels) {
    for (const cohort of cohorts.bearing(label)) {
      if (seen.has(cohort.id)) continue;
      seen.add(cohort.id);
      yield cohort;
    }
  }
}

export const bearsAny = (cohort: Cohort, labels: ReadonlySet<Label>): boolean =>
  cohort.labels.some((label) => labels.has(label));
