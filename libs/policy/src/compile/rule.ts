/**
 * A name that nodes may bear and that rules select by: `user:alice@example.com`, `group:eng`, `tag:web`,
 * `autogroup:member`, `ip:10.0.0.0/8` (one of the node's own addresses lies within), `route:10.0.0.0/8` (a route
 * that it serves overlaps), `where:…` (the condition of a `where` selector may hold), `*` (every node).
 */
export type Label = string;

/** A set of packet sources, or of packet destinations. */
export type Selector =
  /** Source: any address of the tailnet, or in a served route. Destination: any address. */
  | { readonly kind: 'any' }
  /** Every address there is (`autogroup:danger-all`). */
  | { readonly kind: 'everything' }
  /** The own addresses of the nodes that bear this label. */
  | { readonly kind: 'label'; readonly label: Label }
  /** The addresses in this CIDR prefix, be they nodes' own or behind a subnet router. */
  | { readonly kind: 'prefix'; readonly prefix: string }
  /** The addresses of the public internet, behind an exit node. */
  | { readonly kind: 'internet' }
  /** Destination only: the own addresses of untagged nodes whose user is the source's. */
  | { readonly kind: 'same-user' }
  /** What `of` selects, as far as each of `within` selects it too and none of `except` does. */
  | {
      readonly kind: 'where';
      readonly label: Label;
      readonly of: Selector;
      readonly within: readonly Selector[];
      readonly except: readonly Selector[];
    };

export interface PortRange {
  readonly first: number;
  readonly last: number;
}

/** Application capabilities: name → parameters, as the file states them. */
export type Capabilities = Readonly<Record<string, readonly unknown[]>>;

/**
 * One permission, an atom: everything not permitted by some rule is dropped. It has one destination, so that it is the
 * same bytes for each node that the destination selects.
 */
export interface Rule {
  /** A hash of the content: the same rule keeps its id across versions of the policy. */
  readonly id: string;
  /** One match is enough. */
  readonly src: readonly Selector[];
  readonly dst: Selector;
  /** IANA protocol numbers; empty is the default set: TCP, UDP, ICMP and ICMPv6. */
  readonly protocols: readonly number[];
  /** Empty for a rule that grants only capabilities and lets no packet through. */
  readonly ports: readonly PortRange[];
  /** Only traffic that is forwarded by a node with one of these tags; empty: no such condition. */
  readonly via: readonly Label[];
  readonly capabilities?: Capabilities;
}
