import type { FilterPeer, FilterRule, FilterSelf } from '#filter';
import type { DnsItem } from '#netmap';

/** A peer of the WireGuard engine. */
export interface TunnelPeer {
  /** The node's id; its key may change, the id does not. */
  readonly id: string;
  /** The WireGuard public key, as the netmap writes it. */
  readonly nodeKey: string;
  /** CIDR prefixes: packets to these go to this peer, and only packets from these are taken from it. */
  readonly allowedIps: readonly string[];
}

/**
 * All that a netmap determines on a host, as data: what the engine has, or is to have. Prefixes and addresses are in
 * canonical text; lists are sets.
 */
export interface EngineState {
  /** The interface's own addresses, without a length. */
  readonly addresses: readonly string[];
  /** Prefixes that the host's routing table sends into the interface. */
  readonly routes: readonly string[];
  /** Prefixes behind this node that it forwards packets to for others. */
  readonly served: readonly string[];
  /** By node id. */
  readonly peers: ReadonlyMap<string, TunnelPeer>;
  /** This node, as the packet filter knows it. */
  readonly self: FilterSelf;
  /** Whom the packet filter knows, by node id. */
  readonly senders: ReadonlyMap<string, FilterPeer>;
  /** What the packet filter lets in, by rule id. */
  readonly rules: ReadonlyMap<string, FilterRule>;
  /** How names are resolved; undefined leaves the host's way alone. */
  readonly dns: DnsItem | undefined;
}

/** An engine that is up, and connected to nobody. */
export const emptyEngineState: EngineState = {
  addresses: [],
  routes: [],
  served: [],
  peers: new Map(),
  self: { addresses: [] },
  senders: new Map(),
  rules: new Map(),
  dns: undefined,
};
