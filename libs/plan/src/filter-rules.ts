import type { FilterRule } from '#filter';
import { formatPrefix, hostPrefix, parseAddress } from '#net';
import type { RuleItem, SelfItem } from '#netmap';
import type { Selector } from '#policy';
import { ruleDestinations } from './rule-destinations.js';
import { ruleSources, type Surroundings } from './rule-sources.js';

/** What the rules of a netmap let this node receive, by id. */
export function filterRules(rules: Iterable<RuleItem>, self: SelfItem, around: Surroundings): Map<string, FilterRule> {
  const filter = new Map<string, FilterRule>();
  for (const rule of rules) {
    const { id, protocols, ports } = rule;
    const src = rule.src.flatMap((selector) => ruleSources(selector, around));
    if (src.length === 0 || ports.length === 0) continue;
    const sameUser = isForSameUser(rule.dst);
    for (const dst of ruleDestinations(rule, self)) {
      const part = dst.kind === 'self' ? id : `${id}/${dst.prefix}`;
      filter.set(part, { id: part, src, dst, protocols, ports, ...(sameUser && { sameUser }) });
    }
    if (opensNames(rule, self)) {
      const dst = { kind: 'prefix', prefix: formatPrefix(hostPrefix(parseAddress(self.ipv4))) } as const;
      filter.set(`${id}/names`, { id: `${id}/names`, src, dst, protocols: DNS_PROTOCOLS, ports: DNS_PORTS });
    }
  }
  return filter;
}

const DNS_PROTOCOLS = [17, 6];
const DNS_PORTS = [{ first: 53, last: 53 }];

/**
 * Whether it lets its senders ask any nameserver of the internet through this node: then they may ask this node, too,
 * which passes the question on.
 */
const opensNames = ({ dst, via, protocols, ports }: RuleItem, { routes, tags }: SelfItem): boolean =>
  (dst.kind === 'internet' || dst.kind === 'everything') &&
  routes.some(({ prefix, approved }) => approved && prefix === '0.0.0.0/0') &&
  (via.length === 0 || via.some((tag) => tags.includes(tag))) &&
  (protocols.length === 0 || DNS_PROTOCOLS.every((protocol) => protocols.includes(protocol))) &&
  ports.some(({ first, last }) => first <= 53 && last >= 53);

const isForSameUser = (dst: Selector): boolean =>
  dst.kind === 'same-user' || (dst.kind === 'where' && isForSameUser(dst.of));
