import type { CompiledPolicy } from '../compile/compiled-policy.js';
import type { PortRange, Rule } from '../compile/rule.js';
import { covers, labelsOfSelector } from '../compile/selectors.js';
import { protocolsOf } from '../compile/services.js';
import type { AccessRule, Policy } from '../language/policy.js';
import type { PolicyProblem } from '../problem.js';
import { warning } from './warning.js';

/** How many earlier rules are compared per destination: shadowing is a courtesy and must not cost a large file dear. */
const MAX_COMPARED = 16;

/** Accept rules that let through nothing that an earlier one does not. */
export function lintShadows(policy: Policy, { rules, origins }: CompiledPolicy): PolicyProblem[] {
  const byOrigin = new Map<AccessRule, Rule[]>();
  const repeated = new Map<AccessRule, AccessRule>();
  for (const rule of rules) {
    const [first, ...others] = origins.get(rule.id) ?? [];
    if (first) addTo(byOrigin, first, rule);
    for (const other of others) if (first) repeated.set(other, first);
  }
  const earlier = new EarlierRules();
  return (policy.rules ?? []).flatMap((origin) => {
    const own = byOrigin.get(origin) ?? [];
    const shadows = own.map((rule) => earlier.covering(rule));
    for (const rule of own) earlier.add(rule, origin);
    const [shadow] = own.length > 0 ? shadows : [repeated.get(origin)];
    if (!shadow || !shadows.every((found) => found !== undefined)) return [];
    const message = `${origin.name} is shadowed: ${shadow.name} (line ${shadow.line}) lets the same through already`;
    return [warning(origin, 'policy.shadowed', message, 'remove one of them')];
  });
}

function addTo<K, V>(index: Map<K, V[]>, key: K, value: V): void {
  const values = index.get(key);
  if (values) values.push(value);
  else index.set(key, [value]);
}

class EarlierRules {
  private readonly byDestination = new Map<string, { rule: Rule; origin: AccessRule }[]>();

  add(rule: Rule, origin: AccessRule): void {
    const { dst } = rule;
    for (const label of labelsOfSelector(dst.kind === 'where' ? dst.of : dst)) {
      const rules = this.byDestination.get(label) ?? [];
      this.byDestination.set(label, rules);
      if (rules.length < MAX_COMPARED) rules.push({ rule, origin });
    }
  }

  covering(rule: Rule): AccessRule | undefined {
    for (const label of ['*', ...labelsOfSelector(rule.dst)]) {
      const found = this.byDestination.get(label)?.find((earlier) => coversRule(earlier.rule, rule));
      if (found) return found.origin;
    }
    return undefined;
  }
}

function coversRule(outer: Rule, inner: Rule): boolean {
  if (outer.capabilities || inner.capabilities || outer.via.length > 0) return false;
  if (!covers(outer.dst, inner.dst)) return false;
  return coversServices(outer, inner) && coversSources(outer, inner);
}

/** Beyond so many sources, only the very same ones are looked for. */
const MAX_SOURCES = 16;

function coversSources(outer: Rule, inner: Rule): boolean {
  if (inner.src === outer.src) return true;
  const known = new Set(outer.src.flatMap(labelsOfSelector));
  return inner.src.every(
    (src) =>
      labelsOfSelector(src).every((label) => known.has(label)) ||
      (outer.src.length <= MAX_SOURCES && outer.src.some((wider) => covers(wider, src))),
  );
}

function coversServices(outer: Rule, inner: Rule): boolean {
  const protocols = new Set(protocolsOf(outer));
  const isOpen = ({ first, last }: PortRange) =>
    outer.ports.some((wider) => wider.first <= first && last <= wider.last);
  return protocolsOf(inner).every((protocol) => protocols.has(protocol)) && inner.ports.every(isOpen);
}
