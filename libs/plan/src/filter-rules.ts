import type { Destination, FilterRule, Selector as FilterSelector } from '#filter';
import { formatPrefix, hostPrefix, parseAddress, parsePrefix, prefixContains } from '#net';
import type { Netmap, RuleItem, SelfItem } from '#netmap';

type Selector = RuleItem['src'][number];

/** What the rules of a netmap let this node receive, by id. */
export function filterRules(netmap: Netmap, self: SelfItem): Map<string, FilterRule> {
  const rules = new Map<string, FilterRule>();
  for (const item of netmap.values()) {
    if (item.kind !== 'rule' || !forwardsVia(item, self)) continue;
    const src = item.src.flatMap(sources);
    if (src.length === 0 || item.ports.length === 0) continue;
    const { protocols, ports } = item;
    const sameUser = item.dst.kind === 'same-user';
    for (const dst of destinations(item.dst, self)) {
      const id = dst.kind === 'self' ? item.id : `${item.id}/${dst.prefix}`;
      rules.set(id, { id, src, dst, protocols, ports, ...(sameUser && { sameUser }) });
    }
  }
  return rules;
}

const forwardsVia = ({ via }: RuleItem, { tags }: SelfItem): boolean =>
  via.length === 0 || via.some((tag) => tags.includes(tag));

/** What it cannot express it lets nobody in by. */
function sources(selector: Selector): FilterSelector[] {
  switch (selector.kind) {
    case 'any':
    case 'everything':
      return [{ kind: 'any' }];
    case 'label':
    case 'prefix':
    case 'same-user':
      return [selector];
    default:
      return [];
  }
}

/** Only what lies at this node, by what it may serve now: others may still send what it was asked for once. */
function destinations(selector: Selector, self: SelfItem): Destination[] {
  switch (selector.kind) {
    case 'any':
    case 'everything':
      return [{ kind: 'self' }, ...servedBy(self).map((prefix) => ({ kind: 'prefix', prefix }) as const)];
    case 'label':
      return self.labels.includes(selector.label) ? [{ kind: 'self' }] : [];
    case 'prefix':
      return partsAt(self, selector.prefix).map((prefix) => ({ kind: 'prefix', prefix }));
    case 'same-user':
      return [{ kind: 'self' }];
    default:
      return [];
  }
}

const servedBy = ({ routes }: SelfItem): string[] =>
  routes.flatMap(({ prefix, approved }) => (approved ? [prefix] : []));

/** What a prefix has in common with the node's own addresses and with the routes that it serves. */
function partsAt(self: SelfItem, text: string): string[] {
  const prefix = parsePrefix(text);
  const places = [
    ...[self.ipv4, self.ipv6].map((address) => hostPrefix(parseAddress(address))),
    ...servedBy(self).map(parsePrefix),
  ];
  const parts = places.flatMap((place) =>
    prefixContains(prefix, place) ? [place] : prefixContains(place, prefix) ? [prefix] : [],
  );
  return [...new Set(parts.map(formatPrefix))];
}
