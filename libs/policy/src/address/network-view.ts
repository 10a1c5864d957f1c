import type { CompiledPolicy } from '../compile/compiled-policy.js';
import { type LabelledNode, subnetsOf } from '../compile/reach.js';
import type { Label, Selector } from '../compile/rule.js';
import { INTERNET } from '../compile/where.js';
import type { Directory, Subject } from '../subject.js';
import { AddressSet } from './address-set.js';

/** All the nodes of a tailnet, and its people. */
export interface PolicyNetwork {
  readonly subjects: readonly Subject[];
  readonly directory: Directory;
  /** The prefixes that its nodes' addresses come from; those of the reference when it is left out. */
  readonly ranges?: readonly string[];
}

/** Where the nodes of the reference have their addresses, and the part of it that ChromeOS uses itself. */
const REFERENCE_RANGES = ['100.64.0.0/10', 'fd7a:115c:a1e0::/48'];
const CHROME_OS = AddressSet.of(['100.115.92.0/23']);

const EVERYTHING = AddressSet.of(['0.0.0.0/0', '::/0']);

/** A network under a policy, with every node's labels and the addresses behind each label: linear in nodes and labels. */
export class NetworkView {
  readonly nodes: readonly LabelledNode[];
  /** All addresses that nodes may have: what `*` is on the source side, beside the subnets. */
  readonly tailnet: AddressSet;
  private readonly byId = new Map<string, LabelledNode>();
  private readonly byLabel = new Map<Label, AddressSet[]>();
  private readonly resolved = new Map<Selector, AddressSet>();

  constructor(
    readonly compiled: CompiledPolicy,
    network: PolicyNetwork,
  ) {
    this.tailnet = AddressSet.of(network.ranges ?? REFERENCE_RANGES).minus(CHROME_OS);
    this.nodes = network.subjects.map((subject) => ({
      subject,
      labels: compiled.labelsOf(subject, network.directory),
    }));
    for (const node of this.nodes) {
      this.byId.set(node.subject.id, node);
      const own = AddressSet.of(node.subject.addresses);
      for (const label of node.labels) {
        const sets = this.byLabel.get(label);
        if (sets) sets.push(own);
        else this.byLabel.set(label, [own]);
      }
    }
  }

  node(id: string): LabelledNode | undefined {
    return this.byId.get(id);
  }

  /** The approved routes of all nodes, without exit routes and duplicates. */
  get subnets(): readonly string[] {
    return [...new Set(this.nodes.flatMap(({ subject }) => subnetsOf(subject)))];
  }

  /** The addresses that a selector stands for on the source side, other than `same-user`, which depends on the peer. */
  sourceAddresses(selector: Selector): AddressSet {
    const known = this.resolved.get(selector);
    if (known) return known;
    const set = this.resolve(selector);
    this.resolved.set(selector, set);
    return set;
  }

  private resolve(selector: Selector): AddressSet {
    switch (selector.kind) {
      case 'any':
        return AddressSet.union([this.tailnet, AddressSet.of(this.subnets)]);
      case 'everything':
        return EVERYTHING;
      case 'label':
        return AddressSet.union(this.byLabel.get(selector.label) ?? []);
      case 'prefix':
        return AddressSet.of([selector.prefix]);
      case 'internet':
        return INTERNET;
      case 'same-user':
        return AddressSet.EMPTY;
      case 'where': {
        let set = this.sourceAddresses(selector.of);
        for (const part of selector.within) set = set.and(this.sourceAddresses(part));
        for (const part of selector.except) set = set.minus(this.sourceAddresses(part));
        return set;
      }
    }
  }
}
