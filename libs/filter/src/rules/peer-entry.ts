import type { FilterPeer } from '../filter-rule.js';
import type { HostAddress } from './host-address.js';
import type { PeerClass } from './peer-class.js';

/** A peer in force. Flows point to it: a peer that is removed and comes back is another entry. */
export interface PeerEntry {
  readonly id: string;
  /** False from when it is removed. */
  inForce: boolean;
  definition: FilterPeer;
  /** Its own addresses. */
  addresses: readonly HostAddress[];
  class: PeerClass;
}

/** Whoever moves a peer's packets keeps this with the peer, so that it is not looked for by its id with each of them. */
export class Sender {
  /** The one that was in force when it was last looked for. */
  entry: PeerEntry | undefined;

  constructor(readonly id: string) {}

  /** Looks at what a packet from it will look at. */
  prefetch(): number {
    return this.entry?.inForce ? 1 : 0;
  }
}
