import { Set as PersistentSet } from 'immutable';
import { type Item, type ItemKey, keyOf, type RouteItem } from './item.js';
import { bearsAny } from './labels.js';
import type { Netmap } from './netmap.js';
import type { Network, NodeRecord } from './network.js';
import type { Reach } from './policy-index.js';
import { itemOf, waysBearing } from './route-table.js';

/** The netmap of a node, put together from nothing; empty for a node that there is not. Cost: its size. */
export function viewOf(network: Network, viewer: string): Netmap {
  const items = new Map<ItemKey, Item>();
  const put = (item: Item | undefined) => item && items.set(keyOf(item), item);
  const record = network.nodes.get(viewer);
  const reach = record && reachOf(network, record);
  put(record?.self);
  if (!record || !reach) return items;
  put(network.dns);
  for (const id of peersOf(network, record)) put(network.nodes.get(id)?.presence?.peer);
  for (const id of network.routes.cohorts.membersBearing(reach.routes)) put(routeOf(network, record, reach, id));
  for (const rule of reach.rules.values()) put(rule);
  return items;
}

/** What the policy gives a node; undefined when the node does not take part. */
export const reachOf = ({ policy }: Network, { presence }: NodeRecord): Reach | undefined =>
  presence && policy.reachOf(presence.party);

/** The ids of the nodes that see this one; they are also those that it sees. May repeat itself. */
export function* peersOf(network: Network, record: NodeRecord): Iterable<string> {
  const reach = reachOf(network, record);
  if (!reach) return;
  for (const id of network.cohorts.membersBearing(reach.peers)) if (id !== record.id) yield id;
  for (const id of siblingsOf(network, record, reach)) {
    const other = network.nodes.get(id);
    if (other && sees(record, reach, other)) yield id;
  }
}

/** Whether one of the two may reach the other, and so both see each other. @param reach of the viewer */
export function sees(viewer: NodeRecord, reach: Reach, { id, userId, presence }: NodeRecord): boolean {
  if (!presence || viewer.id === id) return false;
  if (bearsAny(presence.party, reach.peers)) return true;
  return viewer.userId !== undefined && viewer.userId === userId && bearsAny(presence.party, reach.ownPeers);
}

/** Whether each of the two is a peer of the other. Cost: that of a look. */
export function seeEachOther(network: Network, one: string, other: string): boolean {
  const [viewer, seen] = [network.nodes.get(one), network.nodes.get(other)];
  const reach = viewer && reachOf(network, viewer);
  return viewer !== undefined && reach !== undefined && seen !== undefined && sees(viewer, reach, seen);
}

const NOBODY = PersistentSet<string>();

/** The nodes of the same user, itself included, when the policy lets these see what others do not; else none. */
export const siblingsOf = (network: Network, { userId }: NodeRecord, reach: Reach): PersistentSet<string> =>
  (userId === undefined || reach.ownPeers.size === 0 ? undefined : network.nodesByUser.get(userId)) ?? NOBODY;

/**
 * What the viewer is told of a route: its primary router or, where the policy wants others, the first of those; and who
 * stands by. The primary itself has no use for another's way.
 */
export function routeOf(network: Network, viewer: NodeRecord, reach: Reach, id: string): RouteItem | undefined {
  const record = network.routes.get(id);
  if (!record || record.ways[0]?.via === viewer.id) return undefined;
  const ways = waysBearing(record, reach.routes).filter(({ via }) => via !== viewer.id);
  return itemOf(record, ways);
}

/** The ids of the nodes that may be told of a route; none when there is no such route. */
export function audienceOf({ routes, policy, cohorts }: Network, id: string): Iterable<string> {
  const record = routes.get(id);
  return record ? cohorts.membersBearing(policy.audienceOf(record.party)) : [];
}
