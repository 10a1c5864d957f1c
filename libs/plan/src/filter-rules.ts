import type { Destination, FilterRule, Selector as FilterSelector } from '#filter';
import type { Netmap, RuleItem, SelfItem } from '#netmap';

type Selector = RuleItem['src'][number];

/** Every address of both families, which is all that a rule for any destination can mean to its receiver. */
const EVERYWHERE = ['0.0.0.0/0', '::/0'];

/** What the rules of a netmap let this node receive, by id. */
export function filterRules(netmap: Netmap, self: SelfItem): Map<string, FilterRule> {
  const rules = new Map<string, FilterRule>();
  for (const item of netmap.values()) {
    if (item.kind !== 'rule' || !forwardsVia(item, self)) continue;
    const src = item.src.flatMap(sources);
    if (src.length === 0 || item.ports.length === 0) continue;
    destinations(item.dst, self).forEach((dst, index) => {
      const id = index === 0 ? item.id : `${item.id}/${index}`;
      rules.set(id, { id, src, dst, protocols: item.protocols, ports: item.ports });
    });
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

function destinations(selector: Selector, self: SelfItem): Destination[] {
  switch (selector.kind) {
    case 'any':
    case 'everything':
      return EVERYWHERE.map((prefix) => ({ kind: 'prefix', prefix }));
    case 'label':
      return self.labels.includes(selector.label) ? [{ kind: 'self' }] : [];
    case 'prefix':
      return [{ kind: 'prefix', prefix: selector.prefix }];
    case 'same-user':
      return [{ kind: 'self' }];
    default:
      return [];
  }
}
