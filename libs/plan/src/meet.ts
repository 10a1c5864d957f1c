import type { FilterPeer, FilterRule, FilterSelf } from '#filter';
import type { EngineState, TunnelPeer } from './engine-state.js';
import { intersection, sameSet } from './sets.js';

/**
 * What two states have in common. Every grant is a conjunction of members of these sets, and nothing in them takes
 * away, so whatever the meet permits, both states permit.
 */
export function meet(a: EngineState, b: EngineState): EngineState {
  return {
    addresses: intersection(a.addresses, b.addresses),
    routes: intersection(a.routes, b.routes),
    served: intersection(a.served, b.served),
    peers: meetMaps(a.peers, b.peers, meetPeers),
    self: meetSelf(a.self, b.self),
    senders: meetMaps(a.senders, b.senders, meetSenders),
    rules: meetMaps(a.rules, b.rules, meetRules),
    dns: a.dns,
  };
}

function meetMaps<V>(
  a: ReadonlyMap<string, V>,
  b: ReadonlyMap<string, V>,
  meetValues: (a: V, b: V) => V | undefined,
): ReadonlyMap<string, V> {
  if (a === b) return a;
  const both = new Map<string, V>();
  for (const [id, value] of a) {
    const other = b.get(id);
    const common = other === undefined || other === value ? other : meetValues(value, other);
    if (common !== undefined) both.set(id, common);
  }
  return both;
}

// A peer keeps its key here: who it is does not change with it.
function meetPeers(a: TunnelPeer, b: TunnelPeer): TunnelPeer {
  const allowedIps = intersection(a.allowedIps, b.allowedIps);
  return allowedIps === a.allowedIps ? a : { ...a, allowedIps };
}

function meetSelf(a: FilterSelf, b: FilterSelf): FilterSelf {
  if (a === b || sameSelf(a, b)) return a;
  return { addresses: intersection(a.addresses, b.addresses), user: a.user === b.user ? a.user : undefined };
}

function meetSenders(a: FilterPeer, b: FilterPeer): FilterPeer {
  const addresses = intersection(a.addresses, b.addresses);
  const labels = intersection(a.labels, b.labels);
  const user = a.user === b.user ? a.user : undefined;
  return addresses === a.addresses && labels === a.labels && user === a.user
    ? a
    : { id: a.id, addresses, labels, user };
}

const meetRules = (a: FilterRule, b: FilterRule): FilterRule | undefined => (sameRule(a, b) ? a : undefined);

/** Whether they are the same to the filter. */
export const sameSelf = (a: FilterSelf, b: FilterSelf): boolean =>
  a.user === b.user && sameSet(a.addresses, b.addresses);

/** Whether they are the same to the filter. */
export const sameSender = (a: FilterPeer, b: FilterPeer): boolean =>
  a === b || (a.user === b.user && sameSet(a.addresses, b.addresses) && sameSet(a.labels, b.labels));

/** Rules are made in one way from one source, so equal ones have equal text. */
export const sameRule = (a: FilterRule, b: FilterRule): boolean => a === b || JSON.stringify(a) === JSON.stringify(b);
