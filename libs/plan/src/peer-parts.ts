import type { FilterPeer } from '#filter';
import { formatPrefix, hostPrefix, parseAddress } from '#net';
import type { PeerItem } from '#netmap';
import type { TunnelPeer } from './engine-state.js';

/** What a peer is to the engine and to the filter, without the routes that others may decide about. */
export interface PeerParts {
  readonly tunnel: TunnelPeer;
  readonly sender: FilterPeer;
}

const known = new WeakMap<PeerItem, PeerParts>();

/**
 * The parts of a peer. The same item gives the same objects, which is how a plan for thousands of peers sees at a glance
 * that one has changed.
 */
export function partsOf(peer: PeerItem): PeerParts {
  const before = known.get(peer);
  if (before) return before;
  const { id, nodeKey, ipv4, ipv6, labels, user } = peer;
  const parts = {
    tunnel: { id, nodeKey, allowedIps: [hostRoute(ipv4), hostRoute(ipv6)] },
    sender: { id, addresses: [ipv4, ipv6], labels, user },
  };
  known.set(peer, parts);
  return parts;
}

const hostRoute = (address: string): string => formatPrefix(hostPrefix(parseAddress(address)));
