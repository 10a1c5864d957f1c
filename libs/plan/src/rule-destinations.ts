import type { Destination } from '#filter';
import { formatPrefix, hostPrefix, parseAddress } from '#net';
import type { RuleItem, SelfItem } from '#netmap';
import { AddressSet, routedPart, type Selector, selects } from '#policy';

/**
 * What a rule opens at this node: its own addresses, and of the routes that it may serve now what the rule covers.
 * Others may still send what it was asked to pass on once.
 */
export function ruleDestinations({ dst, via }: RuleItem, self: SelfItem): Destination[] {
  if (via.length === 0) return [...ownPart(dst, self), ...servedPart(dst, self)];
  return via.some((tag) => self.tags.includes(tag)) ? servedPart(dst, self) : [];
}

function ownPart(dst: Selector, { ipv4, ipv6, labels }: SelfItem): Destination[] {
  const bears = new Set(labels);
  const open = [ipv4, ipv6].filter((address) => selects(dst, { address, own: true, labels: bears }));
  if (open.length === 2) return [{ kind: 'self' }];
  return open.map((address) => ({ kind: 'prefix', prefix: formatPrefix(hostPrefix(parseAddress(address))) }));
}

function servedPart(dst: Selector, { ipv4, ipv6, routes }: SelfItem): Destination[] {
  const served = routes.filter(({ approved }) => approved).map(({ prefix }) => prefix);
  // Of ways that overlap, the narrower says what an address is: this node's, part of a subnet, or else of the internet.
  const own = AddressSet.of([ipv4, ipv6]);
  const subnets = AddressSet.of(served.filter((prefix) => !isExit(prefix)));
  const parts = served.map((prefix) => {
    const part = routedPart(dst, prefix, 'passed').minus(own);
    return isExit(prefix) ? part.minus(subnets) : part;
  });
  return AddressSet.union(parts)
    .prefixes()
    .map((prefix) => ({ kind: 'prefix', prefix }));
}

const isExit = (prefix: string): boolean => prefix.endsWith('/0');
