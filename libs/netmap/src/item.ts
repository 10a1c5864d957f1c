import type { Label, Rule } from '#policy';

/**
 * One entry of a netmap. Items are immutable and shared: what a netmap has in common with another one, or with an
 * earlier one, is the same object in both, so that it is encoded once.
 */
export type Item = SelfItem | PeerItem | RouteItem | RuleItem | DnsItem;

/** `kind/id`: what the item replaces, and is replaced by. */
export type ItemKey = string;

export const keyOf = (item: Item): ItemKey => `${item.kind}/${item.id}`;

/** What a node is told about itself. */
export interface SelfItem {
  readonly kind: 'self';
  readonly id: string;
  /** The DNS label. */
  readonly name: string;
  /** `name` in the domain of the tailnet, without a trailing dot. */
  readonly dnsName: string;
  /** Without a length. */
  readonly ipv4: string;
  /** Without a length. */
  readonly ipv6: string;
  /** The login name of the owner; undefined for tagged nodes. */
  readonly user: string | undefined;
  readonly tags: readonly string[];
  /** The WireGuard public key. */
  readonly nodeKey: string;
  /** Milliseconds since the Unix epoch; undefined: never. */
  readonly keyExpiresAt: number | undefined;
  readonly approved: boolean;
  readonly expired: boolean;
  /** Whether its owner is. */
  readonly suspended: boolean;
  readonly routes: readonly OwnRoute[];
  /** As `PeerItem.labels`. */
  readonly labels: readonly Label[];
}

/** A prefix that a node offers to route. */
export interface OwnRoute {
  readonly prefix: string;
  readonly approved: boolean;
  /** Whether it is this node that others send the prefix's packets to. */
  readonly primary: boolean;
}

/** Another node: the same object for every viewer. */
export interface PeerItem {
  readonly kind: 'peer';
  readonly id: string;
  readonly name: string;
  readonly dnsName: string;
  readonly ipv4: string;
  readonly ipv6: string;
  readonly user: string | undefined;
  readonly tags: readonly string[];
  readonly nodeKey: string;
  readonly os: string;
  /** Those of its labels that a receiver needs to match the sources of rules, sorted. */
  readonly labels: readonly Label[];
}

/** A prefix behind another node. */
export interface RouteItem {
  readonly kind: 'route';
  /** The prefix; for exit routes, of which a viewer picks one, `prefix@node`. */
  readonly id: string;
  readonly prefix: string;
  /** The id of the node to send to. */
  readonly via: string;
  /**
   * The ids of those who stand by, the next one first. Who is reachable is no part of a netmap: a viewer that finds the
   * node before out of reach goes on through the next by itself.
   */
  readonly standby: readonly string[];
}

/** A rule whose destination the viewer is, or routes to: the same object for every viewer. */
export interface RuleItem extends Rule {
  readonly kind: 'rule';
}

/** How names are resolved: the same object for every viewer. */
export interface DnsItem {
  readonly kind: 'dns';
  readonly id: 'tailnet';
  /** The domain that the names of the nodes are in. */
  readonly domain: string;
  /** Whether the nodes' names are served at all. */
  readonly enabled: boolean;
  /** Addresses that answer what no entry of `routes` covers; empty: the node's own. */
  readonly nameservers: readonly string[];
  /** Domains with nameservers of their own, sorted by domain. */
  readonly routes: readonly { readonly domain: string; readonly nameservers: readonly string[] }[];
  readonly searchDomains: readonly string[];
  /** Beside the names of the nodes. */
  readonly records: readonly DnsRecordItem[];
}

/** Written as in the zone file of a nameserver, but for names, which are in full and without a trailing dot. */
export interface DnsRecordItem {
  readonly name: string;
  readonly type: 'A' | 'AAAA' | 'CNAME' | 'TXT';
  readonly value: string;
}
