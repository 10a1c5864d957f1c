import type { TailnetState } from '#tailnet';
import { atOnce, inStrides, type Steps } from '../steps.js';
import type { End } from './end.js';
import { endsOf } from './ends.js';
import { FlowCollector } from './flow-collector.js';
import type { Flows } from './flows.js';
import { Moment } from './moment.js';
import { PairComparison } from './pair-comparison.js';
import { prune } from './prune.js';

/** Which flows to look at. */
export interface FlowFilter {
  readonly from: (end: End) => boolean;
  readonly to: (end: End) => boolean;
}

const ALL: FlowFilter = { from: () => true, to: () => true };

/** The flows that differ between two moments, and the moments. */
export interface FlowComparison {
  readonly flows: readonly Flows[];
  readonly moments: readonly [before: Moment, after: Moment];
  /** Whether these are all: beyond a number of pairs of classes of ends, no more are looked at. */
  readonly isComplete: boolean;
}

/** So many pairs of classes are compared in one step. */
const STRIDE = 50;

/** Some seconds' worth. */
const MAX_PAIRS = 500_000;

/**
 * The flows that two states of a tailnet do not have in common: from nodes and subnets to nodes, subnets and what exit
 * nodes lead to. Cost: linear in nodes, rules and routes, and in the pairs of classes of ends that lost or gained
 * something, whatever the number of nodes in them.
 * @param maxPairs of classes: a policy that tells thousands of people apart must not keep everybody else waiting
 */
export function* comparingFlows(
  before: TailnetState,
  after: TailnetState,
  filter: FlowFilter = ALL,
  maxPairs = MAX_PAIRS,
): Steps<FlowComparison> {
  const first = yield* Moment.making(before);
  const moments = [first, yield* Moment.making(after, first)] as const;
  const collector = new FlowCollector();
  const comparison = new PairComparison(moments, collector);
  const ends = endsOf(moments);
  let left = maxPairs;
  for (const [from, to] of pairsOf(ends, filter)) {
    if (left-- === 0) break;
    comparison.compare(from, to);
    if (left % STRIDE === 0) yield;
  }
  const flows: Flows[] = [];
  yield* inStrides(collector.flows(), 1, (one) => flows.push(...prune(one, moments)));
  return { flows, moments, isComplete: left >= 0 };
}

/** See `comparingFlows`. */
export const compareFlows = (...question: Parameters<typeof comparingFlows>): FlowComparison =>
  atOnce(comparingFlows(...question));

/** The pairs of ends that some rule joins and of which one is not what it was, each once. */
function* pairsOf(ends: readonly End[], filter: FlowFilter): Iterable<[End, End]> {
  const receivers = new Map<string, End[]>();
  for (const end of ends.filter(filter.to)) {
    for (const rule of rulesOf(end, 'to')) {
      const known = receivers.get(rule);
      if (known) known.push(end);
      else receivers.set(rule, [end]);
    }
  }
  const changed = new Map([...receivers].map(([rule, list]) => [rule, list.filter((end) => end.changed)]));
  for (const from of ends.filter(filter.from)) {
    const met = new Set<End>();
    for (const rule of rulesOf(from, 'from')) {
      for (const to of (from.changed ? receivers : changed).get(rule) ?? []) {
        if (met.has(to)) continue;
        met.add(to);
        yield [from, to];
      }
    }
  }
}

const rulesOf = ({ sides }: End, way: 'from' | 'to'): Set<string> =>
  new Set([...sides[0][way].keys(), ...sides[1][way].keys()]);
