import type { Selector as FilterSelector } from '#filter';
import type { PeerItem, RouteItem } from '#netmap';
import { AddressSet, routedPart, type Selector, selectsSource } from '#policy';

/** Where packets can come from at a node. */
export interface Surroundings {
  readonly peers: readonly PeerItem[];
  /** Routes whose packets this node takes from the peers that serve them. */
  readonly accepted: readonly RouteItem[];
  /** The prefixes of the tailnet's own addresses. */
  readonly tailnet: readonly string[];
}

/**
 * A source of the policy as the filter's selectors. The filter knows peers by their labels and packets by their prefix;
 * what neither can say, such as the conditions of `where`, becomes the addresses that meet it right now.
 */
export function ruleSources(selector: Selector, around: Surroundings): FilterSelector[] {
  const viaExitNode = around.accepted.some(isExit);
  switch (selector.kind) {
    case 'everything':
      return [{ kind: 'any' }];
    case 'label':
      return [selector];
    case 'any':
      // What an exit node passes on from the internet is no part of the tailnet.
      return viaExitNode ? asPrefixes([...around.tailnet, ...subnets(around)]) : [selector];
    case 'prefix':
      return viaExitNode ? asPrefixes(selectedAddresses(selector, around)) : [selector];
    default:
      return asPrefixes(selectedAddresses(selector, around));
  }
}

const isExit = ({ prefix }: RouteItem): boolean => prefix.endsWith('/0');

const subnets = ({ accepted }: Surroundings): string[] =>
  accepted.filter((route) => !isExit(route)).map(({ prefix }) => prefix);

const asPrefixes = (prefixes: readonly string[]): FilterSelector[] =>
  prefixes.map((prefix) => ({ kind: 'prefix', prefix }));

/** Those of the addresses that packets can come from, as prefixes. */
function selectedAddresses(selector: Selector, around: Surroundings): string[] {
  // Of ways that overlap, the narrower says what an address is: a node's, part of a subnet, or else of the internet.
  const narrow = AddressSet.of([...around.tailnet, ...subnets(around)]);
  const own = around.peers.flatMap((peer) => ownAddresses(selector, peer));
  const routed = subnets(around).map((prefix) => routedPart(selector, prefix));
  const internet = around.accepted.filter(isExit).map(({ prefix }) => internetPart(selector, prefix).minus(narrow));
  return AddressSet.union([AddressSet.of(own), ...routed, ...internet]).prefixes();
}

function ownAddresses(selector: Selector, { ipv4, ipv6, labels }: PeerItem): string[] {
  const bears = new Set(labels);
  return [ipv4, ipv6].filter((address) => selectsSource(selector, { address, own: true, labels: bears }));
}

const internetPart = (selector: Selector, exitRoute: string): AddressSet =>
  (selector.kind === 'where' ? selector.of : selector).kind === 'any'
    ? AddressSet.EMPTY
    : routedPart(selector, exitRoute, 'passed');
