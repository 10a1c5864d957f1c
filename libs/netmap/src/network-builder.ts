import { Set as PersistentSet } from 'immutable';
import type { Directory } from '#policy';
import { directoryOf, subjectOf, type TailnetState } from '#tailnet';
import type { Change } from './change.js';
import type { Cohorts } from './cohorts.js';
import type { DnsItem } from './item.js';
import { type Party, partyOf } from './labels.js';
import type { Network } from './network.js';
import { differs, recordOf, type Standing } from './node-record.js';
import { PolicyIndex } from './policy-index.js';
import { routeIdOf } from './route-election.js';
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
    this.#refreshAll(ids, new Set(this.before.routes.ids()));
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
    for (const id of contested) this.#rank(id, stale);
    for (const id of stale) this.#refresh(id);
  }

  /** Takes up what the node offers now; adds to `contested` the routes for which it is another router than before. */
  #takeOffers(id: string, contested: Set<string>): void {
    const before = this.#nodes.get(id);
    const facts = factsOf(this.state, id);
    const [old, fresh] = [before?.offers ?? [], facts?.offers ?? []];
    if (sameValue(old, fresh) && sameValue(before?.self.tags, facts?.node.tags)) return;
    for (const offer of old) this.#routes = this.#routes.withoutOffer(id, offer);
    for (const offer of fresh) this.#routes = this.#routes.withOffer(id, offer);
    for (const { prefix } of [...old, ...fresh]) contested.add(routeIdOf(prefix, id));
  }

  /** Adds to `stale` the routers that gain or lose the first place. */
  #rank(id: string, stale: Set<string>): void {
    const before = this.#routes.get(id);
    this.#routes = this.#routes.rank(id, (prefix, node) => {
      return this.#policy.labelsOfRoute(prefix, this.state.nodes.get(node)?.tags ?? [], this.#directory);
    });
    const after = this.#routes.get(id);
    if (before !== after) this.#changedRoutes.add(id);
    const [old, fresh] = [before?.ways[0]?.via, after?.ways[0]?.via];
    if (old === fresh) return;
    for (const node of [old, fresh]) if (node !== undefined) stale.add(node);
  }

  #refresh(id: string): void {
    const before = this.#nodes.get(id);
    const facts = factsOf(this.state, id);
    const after = facts && recordOf(facts, this.#standingOf(facts), before);
    if (before === after) return;
    this.#nodes = after ? this.#nodes.set(id, after) : this.#nodes.remove(id);
    if (!differs(before, after)) return;
    this.#changedNodes.add(id);
    this.#moveCohort(id, before?.presence?.party, after?.presence?.party);
    this.#moveUser(id, before?.userId, after?.userId);
  }

  #standingOf({ node, active }: NodeFacts): Standing {
    const labels = active && this.#policy.labelsOf(subjectOf(this.state, node), this.#directory);
    return {
      party: labels ? this.#cohorts.known(partyOf(labels)) : undefined,
      policy: this.#policy,
      isPrimary: (prefix) => this.#routes.isPrimary(prefix, node.id),
    };
  }

  #moveCohort(id: string, from: Party | undefined, to: Party | undefined): void {
    if (from?.id === to?.id) return;
    if (from) this.#cohorts = this.#cohorts.without(id, from);
    if (to) this.#cohorts = this.#cohorts.with(id, to);
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
