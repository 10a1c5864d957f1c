import { AddressSet } from '../address/address-set.js';
import type { Mention, Policy } from '../language/policy.js';
import type { Directory, Subject } from '../subject.js';
import { identityLabels, indexGroups } from './membership.js';
import { targetSelectors } from './selectors.js';
import { selects } from './where.js';

/** Attributes by name, with what the file says about them; null where it says nothing more. */
export type NodeCapabilities = Readonly<Record<string, readonly unknown[] | null>>;

/** What `nodeAttrs` and the network-wide options give to this node. */
export function nodeCapabilities(policy: Policy, subject: Subject, directory: Directory): NodeCapabilities {
  const granted: Record<string, readonly unknown[] | null> = {};
  if (policy.options.randomizeClientPort) granted['randomize-client-port'] = null;
  if (policy.options.disableIPv4) granted['disable-ipv4'] = null;
  const isTarget = targetTest(policy, subject, directory);
  for (const { target, attributes, app } of policy.nodeAttributes) {
    if (!target.some(isTarget)) continue;
    for (const name of attributes) granted[name] = granted[name] ?? null;
    for (const [name, values] of Object.entries(app)) granted[name] = [...(granted[name] ?? []), ...values];
  }
  return granted;
}

/** The prefixes that this node's addresses are to come from, in the order of the file. */
export function addressPools(policy: Policy, subject: Subject, directory: Directory): readonly string[] {
  const isTarget = targetTest(policy, subject, directory);
  return policy.nodeAttributes.filter(({ target }) => target.some(isTarget)).flatMap(({ ipPool }) => ipPool);
}

function targetTest(policy: Policy, subject: Subject, directory: Directory): (mention: Mention) => boolean {
  const labels = new Set(identityLabels(subject, indexGroups(policy), directory));
  return ({ target }) =>
    targetSelectors(target, policy).some((selector) =>
      selector.kind === 'prefix'
        ? AddressSet.of([selector.prefix]).overlaps(AddressSet.of(subject.addresses))
        : selects(selector, { address: '', own: true, labels }),
    );
}
