import type { AccessRule, Policy } from '../language/policy.js';
import { compileSsh, type SshPermission } from '../ssh/ssh-permission.js';
import { CompileBudget, type Extent } from './compile-budget.js';
import type { CompiledPolicy } from './compiled-policy.js';
import { contentHash } from './content-hash.js';
import { Labeller } from './labeller.js';
import { indexGroups } from './membership.js';
import type { Label, Rule, Selector } from './rule.js';
import { ALLOW_ALL, atomsOf, cutsOf, extentOf } from './rule-atoms.js';
import { labelsOfSelector } from './selectors.js';
import { type Atom, type Cut, mergeCuts, subtractCuts } from './subtract.js';

/** What one compilation leaves for the next: the atoms of each rule of the file, by its text. */
interface Memory {
  /** All that the atoms of a rule depend on beside its own text. */
  readonly surroundings: string;
  readonly atoms: ReadonlyMap<string, CompiledRule>;
}

interface CompiledRule {
  readonly atoms: readonly Rule[];
  // What it took of the budget: a rule that is known costs as much as a new one, so that both end the same.
  readonly extent: Extent;
  readonly pieces: number;
}

const memories = new WeakMap<CompiledPolicy, Memory>();

/**
 * Compiles a policy into labels and atoms, in time linear in the policy (with `drop` rules: in their overlaps).
 * Accept rules become atoms; drop rules take their part out of every one of them.
 * @param previous the version before: rules that stay are taken from it, which makes no other difference
 * @throws NetfoldError `policy.too_large`, `policy.too_many_drops`
 */
export function compilePolicy(policy: Policy, previous?: CompiledPolicy): CompiledPolicy {
  const rules = policy.rules ?? [ALLOW_ALL];
  const cuts = mergeCuts(rules.filter(({ action }) => action === 'drop').flatMap((rule) => cutsOf(rule, policy)));
  const accepts = rules.filter(({ action }) => action === 'accept');
  const surroundings = surroundingsOf(policy, cuts);
  const memory = previous && memories.get(previous);
  const known = memory?.surroundings === surroundings ? memory.atoms : undefined;
  const atoms = new Map<string, CompiledRule>();
  const budget = new CompileBudget(cuts.length);
  const byId = new Map<string, Rule>();
  const origins = new Map<string, AccessRule[]>();
  for (const origin of accepts) {
    const old = known?.get(origin.source);
    const extent = old?.extent ?? extentOf(origin, policy);
    budget.reserve(extent);
    const own = old ?? compileRule(origin, extent, policy, cuts);
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

function compileRule(rule: AccessRule, extent: Extent, policy: Policy, cuts: readonly Cut[]): CompiledRule {
  const budget = new CompileBudget(cuts.length);
  const atoms = atomsOf(rule, policy).flatMap((atom) => subtractCuts(atom, cuts, budget));
  return { atoms: atoms.map((piece) => ({ id: idOf(piece), ...piece })), pieces: budget.pieces, extent };
}

const sourceHashes = new WeakMap<readonly Selector[], string>();

/** Fewer sources are hashed with the rest. */
const MANY_SOURCES = 8;

/** The atoms of a rule share its sources; many of them are hashed once. */
function idOf(atom: Atom): string {
  const { src, ...rest } = atom;
  if (src.length < MANY_SOURCES) return contentHash(atom);
  const hash = sourceHashes.get(src) ?? contentHash(src);
  sourceHashes.set(src, hash);
  return contentHash({ ...rest, src: hash });
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
  const bySources = new Map<readonly Selector[], Rule[]>();
  const rules = [...byId.values()];
  for (const rule of rules) {
    for (const label of labelsOfSelector(rule.dst)) add(to, label, rule);
    add(bySources, rule.src, rule);
  }
  // A rule of the file with many sources and destinations is many atoms with the same sources: they are indexed together.
  const from = new Map<Label, (readonly Rule[])[]>();
  for (const [src, alike] of bySources) {
    for (const label of new Set(src.flatMap(labelsOfSelector))) add(from, label, alike);
  }
  const ssh = compileSsh(policy);
  const selectors = selectorsOf(rules, bySources.keys(), ssh);
  const labeller = new Labeller(selectors, indexGroups(policy), policy.postures);
  return {
    rules,
    ssh,
    byId,
    origins,
    labelsOf: (subject, directory) => labeller.labelsOf(subject, directory),
    rulesTo: (label) => to.get(label) ?? [],
    rulesFrom: (label) => from.get(label)?.flat() ?? [],
  };
}

function* selectorsOf(
  rules: readonly Rule[],
  sources: Iterable<readonly Selector[]>,
  ssh: readonly SshPermission[],
): Iterable<Selector> {
  for (const src of sources) yield* src;
  for (const { dst, via } of rules) {
    yield dst;
    for (const label of via) yield { kind: 'label', label };
  }
  for (const { src, dst } of ssh) {
    yield* src;
    yield* dst;
  }
}

function add<K, V>(index: Map<K, V[]>, key: K, value: V): void {
  const values = index.get(key);
  if (values) values.push(value);
  else index.set(key, [value]);
}
