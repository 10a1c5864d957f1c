import type { AccessRule, Policy } from '../language/policy.js';
import { compileSsh, type SshPermission } from '../ssh/ssh-permission.js';
import type { CompiledPolicy } from './compiled-policy.js';
import { contentHash } from './content-hash.js';
import { CutBudget } from './cut-budget.js';
import { Labeller } from './labeller.js';
import { indexGroups } from './membership.js';
import type { Label, Rule, Selector } from './rule.js';
import { ALLOW_ALL, atomsOf, cutsOf } from './rule-atoms.js';
import { labelsOfSelector } from './selectors.js';
import { type Cut, mergeCuts, subtractCuts } from './subtract.js';

/** What one compilation leaves for the next: the atoms of each rule of the file, by its text. */
interface Memory {
  /** All that the atoms of a rule depend on beside its own text. */
  readonly surroundings: string;
  readonly atoms: ReadonlyMap<string, CompiledRule>;
}

interface CompiledRule {
  readonly atoms: readonly Rule[];
  /** What it took of the budget: a rule that is known costs as much as a new one, so that both end the same. */
  readonly pieces: number;
}

const memories = new WeakMap<CompiledPolicy, Memory>();

/**
 * Compiles a policy into labels and atoms, in time linear in the policy (with `drop` rules: in their overlaps).
 * Accept rules become atoms; drop rules take their part out of every one of them.
 * @param previous the version before: rules that stay are taken from it, which makes no other difference
 * @throws NetfoldError `policy.too_many_drops`
 */
export function compilePolicy(policy: Policy, previous?: CompiledPolicy): CompiledPolicy {
  const rules = policy.rules ?? [ALLOW_ALL];
  const cuts = mergeCuts(rules.filter(({ action }) => action === 'drop').flatMap((rule) => cutsOf(rule, policy)));
  const accepted = rules.reduce((sum, { action, dst }) => sum + (action === 'accept' ? dst.length : 0), 0);
  CutBudget.checkPairs(accepted, cuts.length);
  const surroundings = surroundingsOf(policy, cuts);
  const memory = previous && memories.get(previous);
  const known = memory?.surroundings === surroundings ? memory.atoms : undefined;
  const atoms = new Map<string, CompiledRule>();
  const budget = new CutBudget();
  const byId = new Map<string, Rule>();
  const origins = new Map<string, AccessRule[]>();
  for (const origin of rules) {
    if (origin.action !== 'accept') continue;
    const own = known?.get(origin.source) ?? compileRule(origin, policy, cuts);
    budget.spend(own.pieces);
    atoms.set(origin.source, own);
    for (const rule of own.atoms) addRule(byId, origins, rule, origin);
  }
  const compiled = index(byId, origins, policy);
  memories.set(compiled, { surroundings, atoms });
  return compiled;
}

function surroundingsOf({ hosts, ipsets, defaultSrcPosture }: Policy, cuts: readonly Cut[]): string {
  return contentHash([[...hosts], [...ipsets], defaultSrcPosture.map(({ text }) => text), cuts]);
}

function compileRule(rule: AccessRule, policy: Policy, cuts: readonly Cut[]): CompiledRule {
  const budget = new CutBudget();
  const atoms = atomsOf(rule, policy).flatMap((atom) => subtractCuts(atom, cuts, budget));
  return { atoms: atoms.map((piece) => ({ id: contentHash(piece), ...piece })), pieces: budget.pieces };
}

function addRule(byId: Map<string, Rule>, origins: Map<string, AccessRule[]>, rule: Rule, origin: AccessRule): void {
  const known = origins.get(rule.id);
  if (!known) {
    byId.set(rule.id, rule);
    origins.set(rule.id, [origin]);
  } else if (known.at(-1) !== origin) known.push(origin);
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
