import type { FilterRule } from '#filter';
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
  }
  return filter;
}

const isForSameUser = (dst: Selector): boolean =>
  dst.kind === 'same-user' || (dst.kind === 'where' && isForSameUser(dst.of));
