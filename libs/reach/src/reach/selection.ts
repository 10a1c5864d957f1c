import { NetfoldError } from '#kernel';
import {
  AddressSet,
  identityLabels,
  indexGroups,
  parseTarget,
  type Selector,
  selects,
  type Target,
  targetSelectors,
} from '#policy';
import { subjectOf } from '#tailnet';
import type { CellsEnd, End, NodesEnd } from '../flows/end.js';
import { BOTH, type Families, V4, V6 } from '../flows/families.js';
import type { Flows } from '../flows/flows.js';
import type { Member, Moment } from '../flows/moment.js';

/** The ends of flows that a name stands for at a moment. */
export interface Selection {
  /** Ids of nodes that take part. */
  readonly nodes: ReadonlySet<string>;
  /** Addresses behind routers. */
  readonly addresses: AddressSet;
  /** Of the nodes' addresses. */
  readonly families: Families;
}

const NOWHERE = AddressSet.EMPTY;

/**
 * What a name means: a node by its name or id, or else a name of the policy language.
 * @throws NetfoldError `policy.unknown_name`
 */
export function select(moment: Moment, name: string): Selection {
  const { state } = moment;
  const id = state.nodes.has(name) ? name : state.byName.get(name);
  const { policy } = state.policy;
  if (id !== undefined && !policy?.hosts.has(name)) {
    return { nodes: new Set(moment.members.has(id) ? [id] : []), addresses: NOWHERE, families: BOTH };
  }
  const target = parseTarget(name);
  if (typeof target === 'string' || !isKnown(target, moment))
    throw unknownName(`${JSON.stringify(name)} is no node, user, group, tag, host or address here`);
  const selectors = policy ? targetSelectors(target, policy) : [];
  const nodes = [...moment.members].filter(([, member]) => isSelected(selectors, member, moment)).map(([node]) => node);
  const addresses = AddressSet.union(selectors.map(addressesOf));
  return { nodes: new Set(nodes), addresses, families: familiesOf(target) };
}

/** Whether some of an end is selected. */
export const touches = (selection: Selection, end: End): boolean => restrictEnd(selection, end).length > 0;

/** The part of the flows of which the one side is selected. */
export function restrict(flows: Flows, side: 'from' | 'to', selection: Selection): Flows[] {
  const ends = flows[side].flatMap((end) => restrictEnd(selection, end));
  const isNodes = ends.some(({ kind }) => kind === 'nodes');
  const families = isNodes ? flows.families & selection.families : flows.families;
  return ends.length > 0 && families > 0 ? [{ ...flows, families, [side]: ends }] : [];
}

function restrictEnd({ nodes, addresses }: Selection, end: End): End[] {
  if (end.kind === 'nodes') {
    const kept = end.nodes.filter((id) => nodes.has(id));
    return kept.length > 0 ? [{ ...end, nodes: kept } satisfies NodesEnd] : [];
  }
  const cells = end.cells.flatMap((cell) => {
    const part = cell.addresses.and(addresses);
    return part.isEmpty ? [] : [{ ...cell, addresses: part }];
  });
  return cells.length > 0 ? [{ ...end, cells } satisfies CellsEnd] : [];
}

function isKnown(target: Target, { state }: Moment): boolean {
  const { policy } = state.policy;
  switch (target.kind) {
    case 'user':
      return state.userByLogin.has(target.name);
    case 'group':
      return policy?.groups.has(target.name) === true || state.groups.has(target.name);
    case 'host':
      return policy?.hosts.has(target.name) === true;
    case 'ipset':
      return policy?.ipsets.has(target.name) === true;
    case 'tag':
      return policy?.tagOwners.has(target.name) === true || state.nodes.some(({ tags }) => tags.includes(target.name));
    default:
      return true;
  }
}

function isSelected(selectors: readonly Selector[], { node }: Member, { state, directory }: Moment): boolean {
  const groups = state.policy.policy ? indexGroups(state.policy.policy) : new Map<string, string[]>();
  const labels = new Set(identityLabels(subjectOf(state, node), groups, directory));
  return [node.ipv4, node.ipv6].some((address) =>
    selectors.some((selector) => selects(selector, { address, own: true, labels })),
  );
}

const EVERYWHERE = AddressSet.of(['0.0.0.0/0', '::/0']);

function addressesOf(selector: Selector): AddressSet {
  if (selector.kind === 'prefix') return AddressSet.of([selector.prefix]);
  return selector.kind === 'label' || selector.kind === 'same-user' ? NOWHERE : EVERYWHERE;
}

const familiesOf = (target: Target): Families =>
  target.kind === 'addresses'
    ? target.prefixes.reduce((sum, prefix) => sum | (prefix.includes(':') ? V6 : V4), 0)
    : BOTH;

/** @param message which name it is */
export const unknownName = (message: string): NetfoldError =>
  new NetfoldError({
    code: 'policy.unknown_name',
    message,
    hint: 'name a node, a user, a group:, a tag:, a host of the policy, or an address',
  });
