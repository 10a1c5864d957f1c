import { Set as PersistentSet } from 'immutable';
import type { Directory, Label } from '#policy';
import { directoryOf, subjectOf, type TailnetState } from '#tailnet';
import type { Change } from './change.js';
import type { Cohorts } from './cohorts.js';
import type { DnsItem } from './item.js';
import type { Network, Presence } from './network.js';
import { differs, recordOf, type Standing } from './node-record.js';
import { PolicyIndex } from './policy-index.js';
import type { RouteTable } from './route-table.js';
import { keep, sameValue } from './same-value.js';
import { dnsItemOf, factsOf, type NodeFacts } from './state-facts.js';

/** Brings a network from one state to another, by way of the nodes that may differ. */
export class NetworkBuilder {
  readonly #policy: PolicyIndex;
  readonly #directory: Directory;
  readonly #changedNodes = new Set<string>();
  readonly #changedRoutes = new Set<string>();
  #nodes: Network['nodes'];
  #nodesByUser: Network['nodesByUser'];
  #cohorts: Cohorts;
  #routes: RouteTable;

  constructor(
    private readonly before: Network,
    private readonly state: TailnetState,
  ) {
    this.#policy = PolicyIndex.of(state.policy.compiled, before.policy);
    this.#directory = directoryOf(state);
    this.#nodes = before.nodes;
    this.#nodesByUser = before.nodesByUser;
    this.#cohorts = before.cohorts;
    this.#routes = before.routes;
  }

  /** Looks at these nodes anew, and at all else that differs because of them. */
  refreshNodes(ids: Iterable<string>): void {
    this.#refreshAll(new Set(ids), new Set());
  }

  /** Looks at everything anew, as a new policy demands. */
  refreshEverything(): void {
    const ids = new Set([...this.before.nodes.keys(), ...this.state.nodes.keys()]);
    this.#refreshAll(ids, new Set(this.before.routes.prefixes()));
  }

  build(): { network: Network; change: Change } {
    const dns = dnsItemOf(this.state);
    const network: Network = {
      revision: this.state.revision,
      nodes: this.#nodes,
      cohorts: this.#cohorts,
      nodesByUser: this.#nodesByUser,
      routes: this.#routes,
      policy: this.#policy,
      dns: dns && keep<DnsItem>(this.before.dns, dns),
      groups: this.state.groups,
    };
    const change: Change = {
      nodes: this.#changedNodes,
      routes: this.#changedRoutes,
      rules: changedRules(this.before.policy, this.#policy),
      dns: network.dns !== this.before.dns,
    };
    return { network, change };
  }

  #refreshAll(stale: Set<string>, contested: Set<string>): void {
    for (const id of stale) this.#takeOffers(id, contested);
    for (const prefix of contested) this.#elect(prefix, stale);
    for (const id of stale) this.#refresh(id);
  }

  /** Takes up what the node offers now; adds to `contested` the prefixes for which it is another router than before. */
  #takeOffers(id: string, contested: Set<string>): void {
    const before = this.#nodes.get(id);
    const facts = factsOf(this.state, id);
    const [old, fresh] = [before?.offers ?? [], facts?.offers ?? []];
    if (sameValue(old, fresh) && sameValue(before?.self.tags, facts?.node.tags)) return;
    for (const offer of old) this.#routes = this.#routes.withoutOffer(id, offer);
    for (const offer of fresh) this.#routes = this.#routes.withOffer(id, offer);
    for (const { prefix } of [...old, ...fresh]) contested.add(prefix);
  }

  /** Adds to `stale` the routers that gain or lose the prefix. */
  #elect(prefix: string, stale: Set<string>): void {
    const { table, changed, routers } = this.#routes.elect(prefix, ({ via }) =>
      this.#policy.labelsOfRoute(prefix, this.state.nodes.get(via)?.tags ?? [], this.#directory),
    );
    this.#routes = table;
    for (const id of changed) this.#changedRoutes.add(id);
    for (const id of routers) stale.add(id);
  }

  #refresh(id: string): void {
    const before = this.#nodes.get(id);
    const facts = factsOf(this.state, id);
    const labels = facts?.active ? this.#labelsOf(facts) : [];
    const after = facts && recordOf(facts, this.#standingOf(id, labels), before);
    if (after) this.#nodes = this.#nodes.set(id, after);
    else this.#nodes = this.#nodes.remove(id);
    if (!differs(before, after)) return;
    this.#changedNodes.add(id);
    this.#moveCohort(id, before?.presence, after?.presence, labels);
    this.#moveUser(id, before?.userId, after?.userId);
  }

  #standingOf(id: string, labels: readonly Label[]): Standing {
    const isServing = (prefix: string) => this.#routes.isServedBy(prefix, id);
    return { labels, sourceLabels: this.#policy.sourceLabels, isServing };
  }

  /** A node that stands by for another router has nothing to do with the prefix. */
  #labelsOf({ node, offers }: NodeFacts): readonly Label[] {
    const routes = offers.map(({ prefix }) => prefix).filter((prefix) => this.#routes.isServedBy(prefix, node.id));
    return this.#policy.labelsOf({ ...subjectOf(this.state, node), routes }, this.#directory);
  }

  #moveCohort(id: string, from: Presence | undefined, to: Presence | undefined, labels: readonly Label[]): void {
    if (from?.cohort === to?.cohort) return;
    if (from) this.#cohorts = this.#cohorts.without(id, from.cohort);
    if (to) this.#cohorts = this.#cohorts.with(id, labels);
  }

  #moveUser(id: string, from: string | undefined, to: string | undefined): void {
    if (from === to) return;
    const left = from === undefined ? undefined : this.#nodesByUser.get(from)?.remove(id);
    if (from !== undefined) {
      this.#nodesByUser =
        left?.isEmpty() === false ? this.#nodesByUser.set(from, left) : this.#nodesByUser.remove(from);
    }
    if (to !== undefined) {
      this.#nodesByUser = this.#nodesByUser.update(to, PersistentSet<string>(), (ids) => ids.add(id));
    }
  }
}

function changedRules(before: PolicyIndex, after: PolicyIndex): ReadonlySet<string> {
  const changed = new Set<string>();
  if (before === after) return changed;
  for (const id of before.rules.keys()) if (!after.rules.has(id)) changed.add(id);
  for (const id of after.rules.keys()) if (!before.rules.has(id)) changed.add(id);
  return changed;
}
