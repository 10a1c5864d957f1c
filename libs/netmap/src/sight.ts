import type { PeerItem, RouteItem, SelfItem } from './item.js';
import { bearsAny } from './labels.js';
import { DiffBuilder, type NetmapDiff } from './netmap.js';
import type { Network, NodeRecord } from './network.js';
import type { Reach } from './policy-index.js';
import { itemOf, waysBearing } from './route-table.js';
import { routeOf, sees } from './view.js';

/** A network as a node sees it, or any node of a party. */
export interface Sight {
  readonly network: Network;
  readonly reach: Reach;
  readonly self?: SelfItem;
  /** The item of this node, if it is seen. */
  peer(id: string): PeerItem | undefined;
  /** The item of this route, if it is told of. */
  route(id: string): RouteItem | undefined;
}

/** What all nodes of a party see, but for themselves and for what their users' other nodes share with them only. */
export const partySight = (network: Network, reach: Reach): Sight => ({
  network,
  reach,
  peer: (id) => {
    const presence = network.nodes.get(id)?.presence;
    return presence && bearsAny(presence.party, reach.peers) ? presence.peer : undefined;
  },
  route: (id) => {
    const record = network.routes.get(id);
    return record && itemOf(record, waysBearing(record, reach.routes));
  },
});

export const viewerSight = (network: Network, viewer: NodeRecord, reach: Reach): Sight => ({
  network,
  reach,
  self: viewer.self,
  peer: (id) => {
    const other = network.nodes.get(id);
    return other && sees(viewer, reach, other) ? other.presence?.peer : undefined;
  },
  route: (id) => routeOf(network, viewer, reach, id),
});

/** The ids of all that may differ between two sights. Rules need no list: they are few, and at hand. */
export interface Questions {
  readonly peers: ReadonlySet<string>;
  readonly routes: ReadonlySet<string>;
}

/** The step from one sight to another. */
export function stepBetween(old: Sight, fresh: Sight, { peers, routes }: Questions): NetmapDiff {
  const step = new DiffBuilder();
  step.add(old.self, fresh.self);
  step.add(old.network.dns, fresh.network.dns);
  for (const id of peers) step.add(old.peer(id), fresh.peer(id));
  for (const id of routes) step.add(old.route(id), fresh.route(id));
  if (old.reach !== fresh.reach) {
    for (const [id, rule] of old.reach.rules) step.add(rule, fresh.reach.rules.get(id));
    for (const [id, rule] of fresh.reach.rules) if (!old.reach.rules.has(id)) step.add(undefined, rule);
  }
  return step.build();
}
