import type { CompiledPolicy, Directory, Label, Subject } from '#policy';
import { append } from './append.js';
import type { RuleItem } from './item.js';
import {
  type Detour,
  detoursOf,
  isAmongOwn,
  isOriginLabel,
  isRouteLabel,
  isTwoWay,
  labelOfOrigin,
  labelsNamedBy,
  originLabel,
  type Party,
  receiversOf,
  sendersOf,
} from './labels.js';
import { isExitPrefix } from './route-election.js';

/** What the nodes of a party have to do with everybody else. */
export interface Reach {
  /** The rules whose destination they are, or route to, by id. */
  readonly rules: ReadonlyMap<string, RuleItem>;
  /** Labels of the nodes that they may reach, or that may reach them. */
  readonly peers: ReadonlySet<Label>;
  /** The same, but only among the nodes of one user. */
  readonly ownPeers: ReadonlySet<Label>;
  /** Labels of the routes that packets from or to them may take. */
  readonly routes: ReadonlySet<Label>;
}

/** A compiled policy, indexed by label: made anew for each policy, at a cost that is linear in the policy. */
export class PolicyIndex {
  /** Nothing is allowed. */
  static readonly EMPTY = new PolicyIndex(undefined, new Map());

  /** The labels that a receiver of packets needs to know of the sender. */
  readonly sourceLabels: ReadonlySet<Label>;
  /** The labels that a node needs to know of itself: those of sources and destinations. */
  readonly ownLabels: ReadonlySet<Label>;
  readonly #byDestination = new Map<Label, RuleItem[]>();
  readonly #bySource = new Map<Label, RuleItem[]>();
  readonly #detours: readonly Detour[];
  readonly #reaches = new WeakMap<Party, Reach>();
  readonly #audiences = new WeakMap<Party, ReadonlySet<Label>>();

  private constructor(
    readonly compiled: CompiledPolicy | undefined,
    readonly rules: ReadonlyMap<string, RuleItem>,
  ) {
    const detours = new Map<Label, Detour>();
    const [sources, destinations] = [new Set<Label>(), new Set<Label>()];
    for (const rule of rules.values()) {
      for (const label of sendersOf(rule)) append(this.#bySource, label, rule);
      for (const label of receiversOf(rule)) append(this.#byDestination, label, rule);
      for (const detour of detoursOf(rule)) detours.set(detour.label, detour);
      for (const label of rule.src.flatMap(labelsNamedBy)) sources.add(label);
      for (const label of labelsNamedBy(rule.dst)) destinations.add(label);
    }
    this.#detours = [...detours.values()];
    this.sourceLabels = sources;
    this.ownLabels = new Set([...sources, ...destinations]);
  }

  /** @param previous whose items for the rules that both have are kept */
  static of(compiled: CompiledPolicy | undefined, previous: PolicyIndex): PolicyIndex {
    if (compiled === previous.compiled) return previous;
    const rules = new Map<string, RuleItem>();
    for (const rule of compiled?.rules ?? []) {
      rules.set(rule.id, previous.rules.get(rule.id) ?? { kind: 'rule', ...rule });
    }
    return new PolicyIndex(compiled, rules);
  }

  /** The labels of a node. */
  labelsOf(subject: Subject, directory: Directory): ReadonlySet<Label> {
    const labels = new Set(this.compiled?.labelsOf(subject, directory));
    for (const prefix of this.#detours.length > 0 ? (subject.routes ?? []) : []) {
      for (const label of this.#detoursOver(prefix, subject.tags, directory)) labels.add(label);
    }
    return labels;
  }

  /** The labels of a route, as where packets go and, unless it is an exit, as where they come from. */
  labelsOfRoute(prefix: string, tags: readonly string[], directory: Directory): ReadonlySet<Label> {
    const labels = new Set(this.#detoursOver(prefix, tags, directory));
    for (const label of this.#labelsOfPrefix(prefix, directory)) {
      labels.add(label);
      if (!isExitPrefix(prefix)) labels.add(originLabel(label));
    }
    return labels;
  }

  /** What a node of this party has to do with others. */
  reachOf(party: Party): Reach {
    return remembered(this.#reaches, party, () => this.#findReach(party));
  }

  /** Labels of the nodes whose packets may take a route of this party, in either direction. */
  audienceOf(party: Party): ReadonlySet<Label> {
    return remembered(this.#audiences, party, () => this.#findAudience(party));
  }

  #labelsOfPrefix(prefix: string, directory: Directory): Label[] {
    const nobody = { id: prefix, tags: [], addresses: [], routes: [prefix] };
    return [...(this.compiled?.labelsOf(nobody, directory) ?? [])].filter(isRouteLabel);
  }

  #detoursOver(prefix: string, tags: readonly string[], directory: Directory): Label[] {
    const detours = this.#detours.filter(({ via }) => tags.includes(via));
    const labels = detours.length > 0 ? this.#labelsOfPrefix(prefix, directory) : [];
    return detours.filter(({ to }) => labels.includes(to)).map(({ label }) => label);
  }

  #findReach({ labels }: Party): Reach {
    const rules = new Map<string, RuleItem>();
    const [peers, ownPeers, routes] = [new Set<Label>(), new Set<Label>(), new Set<Label>()];
    for (const rule of rulesOf(this.#byDestination, labels)) {
      rules.set(rule.id, rule);
      for (const label of sendersOf(rule)) {
        (isAmongOwn(rule) ? ownPeers : peers).add(label);
        if (isTwoWay(rule)) routes.add(originLabel(label));
      }
    }
    for (const rule of rulesOf(this.#bySource, labels)) {
      for (const label of receiversOf(rule)) {
        (isAmongOwn(rule) ? ownPeers : peers).add(label);
        routes.add(label);
      }
    }
    return { rules, peers, ownPeers, routes };
  }

  #findAudience({ labels }: Party): ReadonlySet<Label> {
    const audience = new Set<Label>();
    for (const rule of rulesOf(this.#byDestination, labels)) {
      for (const label of sendersOf(rule)) audience.add(label);
    }
    for (const rule of rulesOf(this.#bySource, labels.filter(isOriginLabel).map(labelOfOrigin))) {
      if (isTwoWay(rule)) for (const label of receiversOf(rule)) audience.add(label);
    }
    return audience;
  }
}

function* rulesOf(lists: ReadonlyMap<Label, readonly RuleItem[]>, labels: readonly Label[]): Iterable<RuleItem> {
  for (const label of labels) yield* lists.get(label) ?? [];
}

function remembered<V>(known: WeakMap<Party, V>, party: Party, find: () => V): V {
  const value = known.get(party) ?? find();
  known.set(party, value);
  return value;
}
