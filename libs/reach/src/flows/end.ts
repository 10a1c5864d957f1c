import type { Cell } from './cells.js';
import type { Sides } from './sides.js';

/** Ends of flows that the rules of two moments do not tell apart. */
export type End = NodesEnd | CellsEnd;

interface Common {
  /** At the two moments. */
  readonly sides: readonly [Sides, Sides];
  /** Whether anything about it that flows depend on differs between the moments. */
  readonly changed: boolean;
}

/** Nodes, each with its own addresses. */
export interface NodesEnd extends Common {
  readonly kind: 'nodes';
  /** Ids. */
  readonly nodes: readonly string[];
}

/** Addresses behind subnet routers, whichever these are, or behind one exit node. */
export interface CellsEnd extends Common {
  readonly kind: 'cells';
  readonly cells: readonly Cell[];
  /** The id of the exit node. */
  readonly exit?: string;
}
