import { Map as PersistentMap, type Set as PersistentSet } from 'immutable';
import { Cohorts } from './cohorts.js';
import type { DnsItem, PeerItem, SelfItem } from './item.js';
import type { Party } from './labels.js';
import { PolicyIndex } from './policy-index.js';
import { type Offer, RouteTable } from './route-table.js';

/**
 * All netmaps of a tailnet at one revision, folded into what they have in common: an immutable value that shares its
 * structure with the ones before and after it. Its size is linear in nodes, labels and rules; it knows no pairs of nodes.
 */
export interface Network {
  /** Of the state that it was made from; -1 before the first. */
  readonly revision: number;
  readonly nodes: PersistentMap<string, NodeRecord>;
  /** Of the nodes that take part. */
  readonly cohorts: Cohorts;
  /** User → the user's nodes, also those that do not take part. */
  readonly nodesByUser: PersistentMap<string, PersistentSet<string>>;
  readonly routes: RouteTable;
  readonly policy: PolicyIndex;
  readonly dns: DnsItem | undefined;
  /** The synced groups of the state: who was in a group, when its members change. */
  readonly groups: PersistentMap<string, PersistentSet<string>>;
}

/** A node's part in the network. */
export interface NodeRecord {
  readonly id: string;
  readonly self: SelfItem;
  readonly userId: string | undefined;
  readonly offers: readonly Offer[];
  /**
   * What others see and whom it concerns. Undefined for a node that does not take part (not approved, expired, or its
   * user is suspended): nobody sees it, and it sees nobody.
   */
  readonly presence: Presence | undefined;
}

export interface Presence {
  readonly peer: PeerItem;
  readonly party: Party;
}

export const emptyNetwork: Network = {
  revision: -1,
  nodes: PersistentMap(),
  cohorts: Cohorts.EMPTY,
  nodesByUser: PersistentMap(),
  routes: RouteTable.EMPTY,
  policy: PolicyIndex.EMPTY,
  dns: undefined,
  groups: PersistentMap(),
};
