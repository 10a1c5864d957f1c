import type { End } from '../flows/end.js';
import type { Flows } from '../flows/flows.js';
import type { FlowChange } from './flow-change.js';

/** All ends of some flows: the ids of nodes, and prefixes. */
export interface FlowEnds {
  readonly from: readonly string[];
  readonly to: readonly string[];
}

/** Ten thousand nodes are too many to go with the words wherever these are sent; they are kept as long as the words. */
const kept = new WeakMap<FlowChange, Flows>();

export function keepEnds(told: FlowChange, flows: Flows): FlowChange {
  kept.set(told, flows);
  return told;
}

/** All ends of what was told in words; none of what was told by another process. */
export function endsOf(told: FlowChange): FlowEnds {
  const { from = [], to = [] } = kept.get(told) ?? {};
  return { from: from.flatMap(textsOf), to: to.flatMap(textsOf) };
}

/** The nodes, or the prefixes, of an end. */
export const textsOf = (end: End): string[] =>
  end.kind === 'nodes' ? [...end.nodes] : end.cells.flatMap(({ addresses }) => addresses.texts());
