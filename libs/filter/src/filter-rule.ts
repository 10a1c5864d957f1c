/** Which senders a rule lets in. Identity selectors cover a peer's own addresses, not what it routes for others. */
export type Selector =
  /** Every peer, and everything that it forwards. */
  | { readonly kind: 'any' }
  /** Peers with this label. */
  | { readonly kind: 'label'; readonly label: string }
  /** Source addresses in this CIDR prefix, whether peers' own or behind a peer that routes for them. */
  | { readonly kind: 'prefix'; readonly prefix: string }
  /** Peers whose user is this node's user. Nobody when either has none. */
  | { readonly kind: 'same-user' };

export type Destination =
  /** The own addresses of this node. */
  | { readonly kind: 'self' }
  /** The addresses in this CIDR prefix (behind this node, or anywhere for an exit node), this node's own among them. */
  | { readonly kind: 'prefix'; readonly prefix: string };

/** Both ends included, 0 to 65535. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
}

/** One permission. What no rule permits is dropped. */
export interface FilterRule {
  /** Unique among the rules in force. The same id must mean the same rule, or a changed one: it is compared by content. */
  readonly id: string;
  /** One match is enough. */
  readonly src: readonly Selector[];
  readonly dst: Destination;
  /** Whether it is only for the own addresses of peers whose user is this node's: nobody's when either has none. */
  readonly sameUser?: boolean;
  /** IANA numbers. Empty means TCP, UDP, ICMP and ICMPv6. */
  readonly protocols: readonly number[];
  /**
   * Destination ports; empty permits nothing. ICMP has none and passes with any; the other protocols without
   * ports (GRE, ESP, …) pass only when these cover every port.
   */
  readonly ports: readonly PortRange[];
}

/** A node that may send packets to this one. */
export interface FilterPeer {
  readonly id: string;
  /** Its own addresses in the tailnet, without a length. */
  readonly addresses: readonly string[];
  readonly labels: readonly string[];
  readonly user?: string | undefined;
}

/** This node. */
export interface FilterSelf {
  readonly addresses: readonly string[];
  readonly user?: string | undefined;
}

export interface FilterConfiguration {
  readonly self: FilterSelf;
  readonly rules: readonly FilterRule[];
  readonly peers: readonly FilterPeer[];
}
