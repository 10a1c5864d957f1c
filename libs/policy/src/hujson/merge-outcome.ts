import type { JsonNode } from './json-node.js';

/** What one of the three texts has at a place. */
export interface MergeSide {
  /** As it stands in the text. */
  readonly text: string;
  /** 1-based. */
  readonly line: number;
}

/** A place that both sides changed, each in its own way. */
export interface MergeConflict {
  /** `acls[3]`, `groups["group:eng"]`, by the positions of the base; empty for the whole document. */
  readonly path: string;
  /** In words. */
  readonly message: string;
  /** Absent where a text has nothing there. */
  readonly base?: MergeSide;
  readonly ours?: MergeSide;
  readonly theirs?: MergeSide;
}

/** The merged text; or, when there is none, all that stands in its way. */
export type MergeOutcome =
  | { readonly text: string; readonly conflicts?: never }
  | { readonly text?: never; readonly conflicts: readonly MergeConflict[] };

/** A value in one of the texts. */
export interface Placed {
  readonly text: string;
  readonly node: JsonNode;
}

export const textOf = ({ text, node }: Placed): string => text.slice(node.start, node.end);
