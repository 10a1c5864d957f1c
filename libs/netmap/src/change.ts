/**
 * What may differ between two networks: a superset of what does, by id. Whatever is not named is the same object on both
 * sides. Changes add up, so that the step over many events is found without looking at the network.
 */
export interface Change {
  /** Nodes whose part in the network changed: what they are told of themselves, what others are, or whom they concern. */
  readonly nodes: ReadonlySet<string>;
  /** Ids of route items that changed, or whose audience did. */
  readonly routes: ReadonlySet<string>;
  /** Ids of rules that came or went. */
  readonly rules: ReadonlySet<string>;
  readonly dns: boolean;
}

const NOTHING: ReadonlySet<string> = new Set();

export const emptyChange: Change = { nodes: NOTHING, routes: NOTHING, rules: NOTHING, dns: false };

const isEmptyChange = (change: Change): boolean =>
  change.nodes.size === 0 && change.routes.size === 0 && change.rules.size === 0 && !change.dns;

/** The change over consecutive steps, oldest first or in any order. Cost: the sum of their sizes. */
export function mergeChanges(...changes: readonly Change[]): Change {
  const real = changes.filter((change) => !isEmptyChange(change));
  if (real.length <= 1) return real[0] ?? emptyChange;
  return {
    nodes: union(real.map((change) => change.nodes)),
    routes: union(real.map((change) => change.routes)),
    rules: union(real.map((change) => change.rules)),
    dns: real.some((change) => change.dns),
  };
}

function union(sets: readonly ReadonlySet<string>[]): ReadonlySet<string> {
  const all = new Set<string>();
  for (const set of sets) for (const id of set) all.add(id);
  return all;
}
