import type { NetworkView } from '../address/network-view.js';
import { type GroupIndex, identityLabels, indexGroups } from '../compile/membership.js';
import type { LabelledNode } from '../compile/reach.js';
import type { Label } from '../compile/rule.js';
import { targetSelectors } from '../compile/selectors.js';
import { selects } from '../compile/where.js';
import type { Policy, Target } from '../language/policy.js';
import type { Directory } from '../subject.js';

/** Finds the nodes that a target names, be it named by a rule or not. */
export class TargetNodes {
  readonly groups: GroupIndex;
  private readonly identities = new Map<LabelledNode, ReadonlySet<Label>>();

  constructor(
    readonly policy: Policy,
    readonly view: NetworkView,
    readonly directory: Directory,
  ) {
    this.groups = indexGroups(policy);
    for (const node of view.nodes) {
      this.identities.set(node, new Set(identityLabels(node.subject, this.groups, directory)));
    }
  }

  /** The nodes of which the target names an own address. */
  of(target: Target): LabelledNode[] {
    const selectors = targetSelectors(target, this.policy);
    return this.view.nodes.filter((node) => {
      const labels = this.identities.get(node) ?? node.labels;
      return node.subject.addresses.some((address) =>
        selectors.some((s) => selects(s, { address, own: true, labels })),
      );
    });
  }
}
