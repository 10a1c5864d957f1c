import type { AccessRule, Policy } from '../language/policy.js';
import { ALL_PORTS } from '../language/ports.js';
import { compileSsh, type SshPermission } from '../ssh/ssh-permission.js';
import type { CompiledPolicy } from './compiled-policy.js';
import { contentHash } from './content-hash.js';
import { Labeller } from './labeller.js';
import { indexGroups } from './membership.js';
import { postureSelector } from './postures.js';
import type { Label, Rule, Selector } from './rule.js';
import { labelsOfSelector, mentionSelectors, targetSelectors, where } from './selectors.js';
import { type Atom, type Cut, mergeCuts, subtractCuts } from './subtract.js';

/**
 * Compiles a policy into labels and atoms, in time linear in the policy (with `drop` rules: in their overlaps).
 * Accept rules become atoms; drop rules take their part out of every one of them.
 * @throws NetfoldError `policy.too_many_drops`
 */
export function compilePolicy(policy: Policy): CompiledPolicy {
  const rules = policy.rules ?? [ALLOW_ALL];
  const cuts = mergeCuts(rules.filter(({ action }) => action === 'drop').flatMap((rule) => cutsOf(rule, policy)));
  const byId = new Map<string, Rule>();
  const origins = new Map<string, AccessRule[]>();
  for (const origin of rules.filter(({ action }) => action === 'accept')) {
    for (const piece of atomsOf(origin, policy).flatMap((atom) => subtractCuts(atom, cuts))) {
      const id = contentHash(piece);
      if (!byId.has(id)) byId.set(id, { id, ...piece });
      const known = origins.get(id);
      if (!known) origins.set(id, [origin]);
      else if (known.at(-1) !== origin) known.push(origin);
    }
  }
  return index(byId, origins, policy);
}

/** A file without any access section lets everything through, as the reference's does; an empty section nothing. */
const ALLOW_ALL: AccessRule = {
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
function atomsOf(rule: AccessRule, policy: Policy): Atom[] {
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

function cutsOf(rule: AccessRule, policy: Policy): Cut[] {
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

function index(
  byId: ReadonlyMap<string, Rule>,
  origins: ReadonlyMap<string, readonly AccessRule[]>,
  policy: Policy,
): CompiledPolicy {
  const to = new Map<Label, Rule[]>();
  const from = new Map<Label, Rule[]>();
  const rules = [...byId.values()];
  for (const rule of rules) {
    for (const label of labelsOfSelector(rule.dst)) add(to, label, rule);
    for (const label of new Set(rule.src.flatMap(labelsOfSelector))) add(from, label, rule);
  }
  const ssh = compileSsh(policy);
  const labeller = new Labeller([...rules, ...ssh].flatMap(selectorsOf), indexGroups(policy), policy.postures);
  return {
    rules,
    ssh,
    byId,
    origins,
    labelsOf: (subject, directory) => labeller.labelsOf(subject, directory),
    rulesTo: (label) => to.get(label) ?? [],
    rulesFrom: (label) => from.get(label) ?? [],
  };
}

const selectorsOf = (rule: Rule | SshPermission): readonly Selector[] =>
  'via' in rule
    ? [...rule.src, rule.dst, ...rule.via.map((label): Selector => ({ kind: 'label', label }))]
    : [...rule.src, ...rule.dst];

function add(index: Map<Label, Rule[]>, label: Label, rule: Rule): void {
  const rules = index.get(label);
  if (rules) rules.push(rule);
  else index.set(label, [rule]);
}
