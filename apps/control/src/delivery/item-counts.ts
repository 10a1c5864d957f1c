import type { Item, NetmapDiff } from '#netmap';

export const ITEM_KINDS: readonly Item['kind'][] = ['self', 'peer', 'route', 'rule', 'dns'];

/** What a diff does to the items of one kind. */
export interface KindCounts {
  readonly removed: number;
  readonly replaced: number;
  readonly added: number;
}

/** What a diff does, by the kind of item; kinds that it leaves alone are absent. */
export type ItemCounts = Readonly<Partial<Record<Item['kind'], KindCounts>>>;

// Viewers to whom the same happens have the same diff.
const known = new WeakMap<NetmapDiff, ItemCounts>();

/** Counts the items of a diff, once. */
export function countsOf(diff: NetmapDiff): ItemCounts {
  const counted = known.get(diff);
  if (counted) return counted;
  const counts: Partial<Record<Item['kind'], { removed: number; replaced: number; added: number }>> = {};
  const of = (kind: Item['kind']) => {
    counts[kind] ??= { removed: 0, replaced: 0, added: 0 };
    return counts[kind];
  };
  for (const { kind } of diff.removed) of(kind).removed += 1;
  for (const { before, after } of diff.upserted) of(after.kind)[before ? 'replaced' : 'added'] += 1;
  known.set(diff, counts);
  return counts;
}
