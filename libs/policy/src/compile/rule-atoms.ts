import type { AccessRule, Policy } from '../language/policy.js';
import { ALL_PORTS } from '../language/ports.js';
import type { Extent } from './compile-budget.js';
import { postureSelector } from './postures.js';
import type { Selector } from './rule.js';
import { mentionSelectors, targetSelectors, where } from './selectors.js';
import type { Atom, Cut } from './subtract.js';

/** A file without any access section lets everything through, as the reference's does; an empty section nothing. */
export const ALLOW_ALL: AccessRule = {
  source: '',
  name: 'the default of a policy without "acls" and "grants"',
  line: 1,
  column: 1,
  action: 'accept',
  src: [{ line: 1, column: 1, text: '*', target: { kind: 'wildcard' } }],
  dst: [
    {
      to: { line: 1, column: 1, text: '*', target: { kind: 'wildcard' } },
      services: [{ protocols: [], ports: [ALL_PORTS] }],
    },
  ],
  capabilities: undefined,
  via: [],
  srcPosture: [],
};

/** The atoms of one rule of the file: one per destination and service, and one per destination for its capabilities. */
export function atomsOf(rule: AccessRule, policy: Policy): Atom[] {
  const src = sourcesOf(rule, policy);
  if (src.length === 0) return [];
  const via = rule.via.map(({ text }) => text);
  return rule.dst.flatMap(({ to, services }) =>
    targetSelectors(to.target, policy).flatMap((dst): Atom[] => {
      if (via.length > 0 && !isRoutable(dst)) return [];
      const atoms = services.map(({ protocols, ports }): Atom => ({ src, dst, protocols, ports, via }));
      const { capabilities } = rule;
      return capabilities ? [...atoms, { src, dst, protocols: [], ports: [], via, capabilities }] : atoms;
    }),
  );
}

/** How much one rule of the file spreads to: to know it before its atoms are made. */
export function extentOf({ src, dst, capabilities }: AccessRule, policy: Policy): Extent {
  let atoms = 0;
  for (const { to, services } of dst) {
    atoms += targetSelectors(to.target, policy).length * (services.length + (capabilities ? 1 : 0));
  }
  return { atoms, sources: mentionSelectors(src, policy).length };
}

/** What one drop rule of the file takes away: a cut per destination and service. */
export function cutsOf(rule: AccessRule, policy: Policy): Cut[] {
  const src = sourcesOf(rule, policy);
  return rule.dst.flatMap(({ to, services }) =>
    services.map((service) => ({ src, dst: targetSelectors(to.target, policy), ...service })),
  );
}

/** What routers forward to: nodes' own addresses are reached directly, and `*` names no route. */
export const isRoutable = (dst: Selector): boolean => dst.kind === 'prefix' || dst.kind === 'internet';

function sourcesOf(rule: AccessRule, policy: Policy): Selector[] {
  const src = mentionSelectors(rule.src, policy);
  const isOwnChoice = rule.srcPosture.length > 0 || rule.action === 'drop';
  const asked = isOwnChoice ? rule.srcPosture : policy.defaultSrcPosture;
  if (asked.length === 0) return src;
  const posture = postureSelector(asked.map(({ text }) => text));
  return src.map((selector) => where(selector, [posture], []));
}
