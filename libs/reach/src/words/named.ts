/** A set of ends of flows, told by names. */
export interface Named {
  /** `group:eng`, `tag:db and web-3`, `* without web-3`, `118 of the 120 machines of group:eng`, `10.1.0.0/16`. */
  readonly text: string;
  /** The identities, nodes or prefixes that make it up, as far as they do; see `exact`. */
  readonly names: readonly string[];
  /** Nodes that it does not hold, although the names do. */
  readonly except?: readonly string[];
  /** Whether the names stand for all of it and, but for the exceptions, nothing else. */
  readonly exact: boolean;
  /** Of nodes, or of prefixes. */
  readonly count: number;
  /** The names of some of the nodes. */
  readonly examples: readonly string[];
}

/** `a`, `a and b`, `a, b and c`. */
export const joined = (texts: readonly string[]): string =>
  texts.length < 2 ? texts.join() : `${texts.slice(0, -1).join(', ')} and ${texts.at(-1)}`;
