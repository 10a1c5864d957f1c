import type { CompiledPolicy, Directory, Label, Subject } from '#policy';
import type { Cohort } from './cohorts.js';
import type { RuleItem } from './item.js';
import {
  type Detour,
  detoursOf,
  EVERY_NODE,
  isRouteLabel,
  isSameUser,
  labelsNamedBy,
  receiversOf,
  sendersOf,
} from './labels.js';

/** What the bearers of some labels have to do with everybody else. */
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

type Party = Pick<Cohort, 'id' | 'labels'>;

/** A compiled policy, indexed by label: made anew for each policy, at a cost that is linear in the policy. */
export class PolicyIndex {
  /** Nothing is allowed. */
  static readonly EMPTY = new PolicyIndex(undefined, new Map());

  /** The labels that a receiver of packets needs to know of the sender. */
  readonly sourceLabels: ReadonlySet<Label>;
  readonly #byDestination = new Map<Label, RuleItem[]>();
  readonly #bySource = new Map<Label, RuleItem[]>();
  readonly #detours: readonly Detour[];
  // Remembered by cohort: as many as there are sets of labels while this policy is in force.
  readonly #reaches = new Map<string, Reach>();
  readonly #audiences = new Map<string, ReadonlySet<Label>>();

  private constructor(
    readonly compiled: CompiledPolicy | undefined,
    readonly rules: ReadonlyMap<string, RuleItem>,
  ) {
    const detours = new Map<Label, Detour>();
    const named = new Set<Label>();
    for (const rule of rules.values()) {
      for (const label of sendersOf(rule)) append(this.#bySource, label, rule);
      for (const label of receiversOf(rule)) append(this.#byDestination, label, rule);
      for (const detour of detoursOf(rule)) detours.set(detour.label, detour);
      for (const selector of rule.src) for (const label of labelsNamedBy(selector)) named.add(label);
    }
    this.#detours = [...detours.values()];
    this.sourceLabels = named;
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

  /** The labels of a node, sorted. Those who bear the same are one cohort. */
  labelsOf(subject: Subject, directory: Directory): readonly Label[] {
    const labels = new Set(this.compiled?.labelsOf(subject, directory));
    return this.#finish(labels, subject.tags);
  }

  /** The labels of a route, sorted. @param tags of its router */
  labelsOfRoute(prefix: string, tags: readonly string[], directory: Directory): readonly Label[] {
    const labels = new Set<Label>();
    const routerOnly = { id: prefix, tags: [], addresses: [], routes: [prefix] };
    for (const label of this.compiled?.labelsOf(routerOnly, directory) ?? [])
      if (isRouteLabel(label)) labels.add(label);
    return this.#finish(labels, tags);
  }

  #finish(labels: Set<Label>, tags: readonly string[]): readonly Label[] {
    for (const { via, to, label } of this.#detours) if (tags.includes(via) && labels.has(to)) labels.add(label);
    return [...labels].sort();
  }

  reachOf(nodes: Party): Reach {
    return remembered(this.#reaches, nodes.id, () => this.#find(nodes.labels, nodes.labels));
  }

  /**
   * Labels of the nodes whose packets may take these routes, in either direction. A rule that lets in everybody is no
   * reason to tell of a route: only a source that is named as a prefix is.
   */
  audienceOf(routes: Party): ReadonlySet<Label> {
    return remembered(this.#audiences, routes.id, () => {
      const senders = routes.labels.filter((label) => label !== EVERY_NODE);
      return this.#find(routes.labels, senders).peers;
    });
  }

  #find(receiving: readonly Label[], sending: readonly Label[]): Reach {
    const rules = new Map<string, RuleItem>();
    const [peers, ownPeers, routes] = [new Set<Label>(), new Set<Label>(), new Set<Label>()];
    for (const rule of rulesOf(this.#byDestination, receiving)) {
      rules.set(rule.id, rule);
      for (const label of sendersOf(rule)) {
        if (isSameUser(rule.dst)) ownPeers.add(label);
        else peers.add(label);
        if (label !== EVERY_NODE && !isSameUser(rule.dst)) routes.add(label);
      }
    }
    for (const rule of rulesOf(this.#bySource, sending)) {
      for (const label of receiversOf(rule)) {
        if (isSameUser(rule.dst)) ownPeers.add(label);
        else {
          peers.add(label);
          routes.add(label);
        }
      }
    }
    return { rules, peers, ownPeers, routes };
  }
}

function append<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
  const list = lists.get(key);
  if (list) list.push(value);
  else lists.set(key, [value]);
}

function* rulesOf(lists: ReadonlyMap<Label, readonly RuleItem[]>, labels: readonly Label[]): Iterable<RuleItem> {
  for (const label of labels) yield* lists.get(label) ?? [];
}

function remembered<V>(known: Map<string, V>, id: string, find: () => V): V {
  const value = known.get(id) ?? find();
  known.set(id, value);
  return value;
}
