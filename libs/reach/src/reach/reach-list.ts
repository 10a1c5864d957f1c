import { hasPorts, leaves, needsSameUser, type PacketEnd, protocolName } from '#policy';
import type { TailnetState } from '#tailnet';
import type { FlowComparison } from '../flows/compare-flows.js';
import { carries } from '../flows/services.js';
import { describeFlows } from '../words/describe-flows.js';
import type { FlowChange } from '../words/flow-change.js';
import { flowsAt } from './flows-at.js';

/** Some flows, as people read them. */
export type ReachEntry = Omit<FlowChange, 'change'>;

/** What a question about reach names as its destination. */
export interface Target {
  readonly dst: string;
  readonly port: number;
  /** IANA number. */
  readonly protocol: number;
}

/** Everyone who can reach something. */
export interface WhoReaches {
  readonly entries: readonly ReachEntry[];
  /** The names of all machines that can. */
  readonly machines: readonly string[];
  /** The logins of those whose machines can. */
  readonly users: readonly string[];
  /** The tags of the tagged ones among the machines. */
  readonly tags: readonly string[];
  /** The logins of those without a machine that takes part, who could with one. */
  readonly absent: readonly string[];
  /** Whether these are all: false where the rules tell too many apart to look at all of them. */
  readonly isComplete: boolean;
}

/** All that something can reach. */
export type Reachable = Pick<WhoReaches, 'entries' | 'isComplete'>;

/**
 * Everyone who can reach a port: through rules, routes and memberships that are in force.
 * @throws NetfoldError `policy.unknown_name`
 */
export function whoReaches(state: TailnetState, { dst, port, protocol }: Target): WhoReaches {
  const { flows, ...rest } = flowsAt(state, undefined, dst);
  const { moments } = rest;
  const carrying = flows.filter(({ services }) => carries(services, protocol, port));
  const service = hasPorts(protocol) ? `${port}/${protocolName(protocol)}` : protocolName(protocol);
  const ids = new Set(carrying.flatMap(({ from }) => from.flatMap((end) => (end.kind === 'nodes' ? end.nodes : []))));
  const nodes = [...ids].flatMap((id) => moments[1].members.get(id) ?? []);
  return {
    entries: entriesOf({ flows: carrying, ...rest }).map((entry) => ({ ...entry, services: [service] })),
    machines: nodes.map(({ node }) => node.name).sort(),
    users: distinct(nodes.flatMap(({ login }) => login ?? [])),
    tags: distinct(nodes.flatMap(({ node }) => node.tags)),
    absent: absentUsers({ flows: carrying, ...rest }),
    isComplete: rest.isComplete,
  };
}

/**
 * All that something can reach.
 * @param src a node, or a name of the policy language
 * @throws NetfoldError `policy.unknown_name`
 */
export function reachableFrom(state: TailnetState, src: string): Reachable {
  const comparison = flowsAt(state, src, undefined);
  return { entries: entriesOf(comparison), isComplete: comparison.isComplete };
}

const entriesOf = (comparison: FlowComparison): ReachEntry[] =>
  describeFlows(comparison).map(({ change, ...entry }) => entry);

const distinct = (names: readonly string[]): string[] => [...new Set(names)].sort();

/** Users whom a rule of these flows would let pass, had they a machine. */
function absentUsers({ flows, moments }: FlowComparison): string[] {
  const moment = moments[1];
  const { state, policy, directory } = moment;
  const rules = [...new Set(flows.flatMap((one) => [...one.rules]))].flatMap((id) => moment.rule(id) ?? []);
  const present = new Set([...moment.members.values()].map(({ login }) => login));
  const absent = [...state.users.values()].filter(({ login, suspended }) => !suspended && !present.has(login));
  return absent
    .filter(({ login }) => {
      const labels = policy.labelsOf({ id: '', user: login, tags: [], addresses: [] }, directory);
      const end: PacketEnd = { address: '', own: true, user: login, labels };
      return rules.some((rule) => !needsSameUser(rule.dst) && leaves(rule, end));
    })
    .map(({ login }) => login)
    .sort();
}
