import { type Item, type ItemKey, keyOf } from './item.js';

/** What one node needs to know: a set of items by key. */
export type Netmap = ReadonlyMap<ItemKey, Item>;

/** The step from one netmap to another, in the order in which access shrinks before it grows. */
export interface NetmapDiff {
  /** The items that are gone, as they were. */
  readonly removed: readonly Item[];
  /** First the items that replace one of the same key, which is `before`; then the new ones. */
  readonly upserted: readonly Upsert[];
}

export interface Upsert {
  readonly before?: Item;
  readonly after: Item;
}

export const emptyNetmap: Netmap = new Map();

export const isEmptyDiff = (diff: NetmapDiff): boolean => diff.removed.length === 0 && diff.upserted.length === 0;

/** The netmap after the step; the one before stays as it is. Cost: the size of the netmap. */
export function applyDiff(netmap: Netmap, diff: NetmapDiff): Netmap {
  const next = new Map(netmap);
  for (const item of diff.removed) next.delete(keyOf(item));
  for (const { after } of diff.upserted) next.set(keyOf(after), after);
  return next;
}

/** The step between two netmaps. Items that are the same object are taken as unchanged, all others as changed. */
export function diffNetmaps(before: Netmap, after: Netmap): NetmapDiff {
  const step = new DiffBuilder();
  for (const [key, item] of before) step.add(item, after.get(key));
  for (const [key, item] of after) if (!before.has(key)) step.add(undefined, item);
  return step.build();
}

const KIND_ORDER: Readonly<Record<Item['kind'], number>> = { self: 0, dns: 1, peer: 2, route: 3, rule: 4 };

// What grants comes after what it refers to, and goes before it.
const granting = (a: Item, b: Item): number =>
  KIND_ORDER[a.kind] - KIND_ORDER[b.kind] || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

/** Collects what became of single items; each key at most once. */
export class DiffBuilder {
  readonly #removed: Item[] = [];
  readonly #replaced: { before: Item; after: Item }[] = [];
  readonly #added: Item[] = [];

  /** Notes an item before and after, each undefined when the netmap does not have it. */
  add(before: Item | undefined, after: Item | undefined): void {
    if (before === after) return;
    if (!after) this.#removed.push(before as Item);
    else if (before) this.#replaced.push({ before, after });
    else this.#added.push(after);
  }

  build(): NetmapDiff {
    return {
      removed: this.#removed.sort((a, b) => granting(b, a)),
      upserted: [
        ...this.#replaced.sort((a, b) => granting(a.after, b.after)),
        ...this.#added.sort(granting).map((after) => ({ after })),
      ],
    };
  }
}
