import { AddressSet } from '../address/address-set.js';
import { loginLabels } from '../compile/membership.js';
import type { PacketEnd } from '../compile/permits.js';
import { type LabelledNode, subnetsOf } from '../compile/reach.js';
import { targetSelectors } from '../compile/selectors.js';
import type { Target } from '../language/policy.js';
import type { TargetNodes } from './target-nodes.js';

/** Finds the ends of packets that a target of a test stands for. */
export class TestEnds {
  constructor(private readonly nodes: TargetNodes) {}

  /**
   * The nodes' own addresses that the target names; for an address, that address. People without devices and tags
   * without nodes are taken as if they had one, so that a test does not depend on who is there.
   */
  of(target: Target): PacketEnd[] {
    if (target.kind === 'group') return this.members(target.name);
    const selectors = targetSelectors(target, this.nodes.policy);
    const prefixes = selectors.flatMap((selector) => (selector.kind === 'prefix' ? [selector.prefix] : []));
    if (prefixes.length > 0) return prefixes.flatMap((prefix) => this.atAddress(prefix));
    const ends = this.nodes.of(target).flatMap(ownEnds);
    return ends.length > 0 ? ends : this.imagined(target);
  }

  private members(group: string): PacketEnd[] {
    const present = this.nodes.of({ kind: 'group', name: group }).flatMap(ownEnds);
    const users = new Set(present.map(({ user }) => user));
    const absent = (this.nodes.policy.groups.get(group) ?? []).filter((login) => !users.has(login));
    return [...present, ...absent.flatMap((name) => this.of({ kind: 'user', name }))];
  }

  /** An address is a node's own, or behind the routers that serve it, or nowhere yet. */
  private atAddress(prefix: string): PacketEnd[] {
    const address = prefix.slice(0, prefix.indexOf('/'));
    const owners = this.nodes.of({ kind: 'addresses', prefixes: [prefix] }).flatMap(ownEnds);
    if (owners.length > 0) return owners.filter((end) => end.address === address);
    const routers = this.nodes.view.nodes.filter(({ subject }) =>
      subnetsOf(subject).some((route) => AddressSet.of([route]).has(address)),
    );
    if (routers.length === 0) return [{ address, own: false, labels: new Set() }];
    return routers.map(({ labels }) => ({ address, own: false, labels }));
  }

  private imagined(target: Target): PacketEnd[] {
    const { policy, groups, directory } = this.nodes;
    if (target.kind === 'user') {
      const labels = loginLabels(target.name, groups, directory, false);
      return [{ address: '', own: true, user: target.name, labels: new Set(labels) }];
    }
    if (target.kind !== 'tag' || !policy.tagOwners.has(target.name)) return [];
    return [{ address: '', own: true, labels: new Set(['autogroup:tagged', target.name]) }];
  }
}

function ownEnds({ subject, labels }: LabelledNode): PacketEnd[] {
  const user = subject.tags.length > 0 ? undefined : subject.user;
  return subject.addresses.map((address) => ({ address, own: true, labels, user }));
}
