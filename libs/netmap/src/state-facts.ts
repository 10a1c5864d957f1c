import { fromBase64 } from '#kernel';
import { tryParsePrefix } from '#net';
import type { Node, TailnetState, User } from '#tailnet';
import type { DnsItem } from './item.js';
import type { Offer } from './route-table.js';

/** A node and what else the state says about it. */
export interface NodeFacts {
  readonly node: Node;
  readonly owner: User | undefined;
  readonly dnsSuffix: string;
  /** Whether the node takes part in the network. */
  readonly active: boolean;
  /** None when the node does not take part. */
  readonly offers: readonly Offer[];
}

export function factsOf(state: TailnetState, id: string): NodeFacts | undefined {
  const node = state.nodes.get(id);
  if (!node) return undefined;
  const owner = node.userId === undefined ? undefined : state.users.get(node.userId);
  const vouched = node.userId === undefined || owner?.suspended === false;
  const active = node.approved && !node.expired && vouched && isUsable(node);
  return { node, owner, dnsSuffix: state.tailnet?.dnsSuffix ?? '', active, offers: active ? offersOf(node) : [] };
}

const usable = new WeakMap<Node, boolean>();

/** Whether peers can talk to the node at all: a WireGuard key that is none must not break the netmaps of others. */
function isUsable(node: Node): boolean {
  const known = usable.get(node) ?? fromBase64(node.nodeKey)?.length === 32;
  usable.set(node, known);
  return known;
}

function offersOf(node: Node): Offer[] {
  const offers: Offer[] = [];
  for (const [prefix, route] of node.routes) {
    if (route.inForceSince >= 0 && tryParsePrefix(prefix)) offers.push({ prefix, since: route.inForceSince });
  }
  return offers;
}

export function dnsItemOf(state: TailnetState): DnsItem | undefined {
  if (!state.tailnet) return undefined;
  const { magicDns, nameservers, searchDomains, splitDns, records } = state.dns;
  const routes = Object.keys(splitDns)
    .sort()
    .map((domain) => ({ domain, nameservers: splitDns[domain] ?? [] }));
  return {
    kind: 'dns',
    id: 'tailnet',
    domain: state.tailnet.dnsSuffix,
    enabled: magicDns,
    nameservers,
    routes,
    searchDomains,
    records,
  };
}
