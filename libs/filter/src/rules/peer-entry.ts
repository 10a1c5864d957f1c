import type { FilterPeer } from '../filter-rule.js';
import type { HostAddress } from './host-address.js';
import type { PeerClass } from './peer-class.js';

/** A peer in force. Flows point to it: a peer that is removed and comes back is another entry. */
export interface PeerEntry {
  readonly id: string;
  definition: FilterPeer;
  /** Its own addresses. */
  addresses: readonly HostAddress[];
  class: PeerClass;
}
