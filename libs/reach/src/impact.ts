import { contentHash, type PolicyProblem, runPolicyTests } from '#policy';
import { policyNetworkOf, type TailnetState } from '#tailnet';
import { comparingFlows } from './flows/compare-flows.js';
import type { End } from './flows/end.js';
import type { Flows } from './flows/flows.js';
import { keyOfServices } from './flows/services.js';
import type { StateChange } from './state/state-change.js';
import { stateChanges } from './state/state-changes.js';
import { type DiffLine, diffTexts } from './state/text-diff.js';
import { atOnce, inStrides, type Steps } from './steps.js';
import { describingFlows } from './words/describe-flows.js';
import type { FlowChange } from './words/flow-change.js';
import { textsOf } from './words/flow-ends.js';

/** What the way from one state of a tailnet to another means. Plain data: it can be sent and kept. */
export interface Impact {
  /** Revisions. */
  readonly from: number;
  readonly to: number;
  /** What differs, in words. */
  readonly changes: readonly StateChange[];
  /** The lines of the policy that differ, and those around them. */
  readonly policy: readonly DiffLine[];
  /** Those of the most pairs of machines first. */
  readonly lost: readonly FlowChange[];
  readonly gained: readonly FlowChange[];
  /** Whether these are all flows: false where they are too many classes to look at. */
  readonly isComplete: boolean;
  /** The machines that lose or gain a flow. */
  readonly nodes: { readonly count: number; readonly examples: readonly string[] };
  /** The addresses behind routers that some machine reaches no longer, or newly. */
  readonly prefixes: readonly string[];
  /** The tests of the later policy that do not hold in the later state. */
  readonly failingTests: readonly PolicyProblem[];
  /**
   * A hash of the difference alone: two ways that change the same things for the same machines have the same, whatever
   * else the states hold.
   */
  readonly digest: string;
}

const MAX_EXAMPLES = 5;

/** Compares two states of a tailnet. See `comparingFlows` for the cost. */
export const impactOf = (before: TailnetState, after: TailnetState): Impact => atOnce(workingOutImpact(before, after));

/** The same in steps, so that ten thousand nodes keep nobody waiting. */
export function* workingOutImpact(before: TailnetState, after: TailnetState): Steps<Impact> {
  const comparison = yield* comparingFlows(before, after);
  const described = yield* describingFlows(comparison);
  const changes = stateChanges(before, after);
  const policy = diffTexts(before.policy.text, after.policy.text);
  const failingTests = failuresIn(after);
  const broken = newFailures(failuresIn(before), failingTests);
  const nodes = nodesIn(comparison.flows);
  const flows: string[] = [];
  yield* inStrides(comparison.flows, 1, (one) => flows.push(canonical(one)));
  // What was not looked at may be another at every revision.
  const unseen = comparison.isComplete ? [] : [before.revision];
  return {
    from: before.revision,
    to: after.revision,
    changes,
    policy,
    lost: described.filter(({ change }) => change === 'lost'),
    gained: described.filter(({ change }) => change === 'gained'),
    isComplete: comparison.isComplete,
    nodes: {
      count: nodes.length,
      examples: nodes
        .map((id) => nameOf(id, before, after))
        .sort()
        .slice(0, MAX_EXAMPLES),
    },
    prefixes: prefixesIn(comparison.flows),
    failingTests,
    digest: contentHash([changes, linesOf(policy), flows.sort(), broken, unseen]),
  };
}

const failuresIn = (state: TailnetState): PolicyProblem[] => {
  const { policy, compiled } = state.policy;
  return policy ? runPolicyTests(policy, policyNetworkOf(state), compiled) : [];
};

const newFailures = (before: readonly PolicyProblem[], after: readonly PolicyProblem[]): string[] => {
  const known = new Set(before.map(({ message }) => message));
  return after.map(({ message }) => message).filter((message) => !known.has(message));
};

const endsOf = ({ from, to }: Flows): readonly End[] => [...from, ...to];

const nodesIn = (flows: readonly Flows[]): string[] => [
  ...new Set(flows.flatMap(endsOf).flatMap((end) => (end.kind === 'nodes' ? end.nodes : []))),
];

const prefixesIn = (flows: readonly Flows[]): string[] => [
  ...new Set(flows.flatMap(endsOf).flatMap((end) => (end.kind === 'nodes' ? [] : textsOf(end)))),
];

const nameOf = (id: string, before: TailnetState, after: TailnetState): string =>
  (after.nodes.get(id) ?? before.nodes.get(id))?.name ?? id;

/** Lines without their numbers, which change with what others write above them. */
const linesOf = (policy: readonly DiffLine[]): string[] =>
  policy.filter(({ kind }) => kind !== 'same').map(({ kind, text }) => `${kind} ${text}`);

/** The same text for the same flows, whatever the classes that they were found by. */
const canonical = ({ change, from, to, services, families, among }: Flows): string => {
  const side = (ends: readonly End[]) =>
    ends.flatMap((end) => textsOf(end).map((text) => `${text}${exitOf(end)}`)).sort();
  return JSON.stringify([change, side(from), side(to), keyOfServices(services), families, among]);
};

const exitOf = (end: End): string => (end.kind === 'cells' && end.exit !== undefined ? ` through ${end.exit}` : '');
