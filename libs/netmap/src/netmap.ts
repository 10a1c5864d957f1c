import { append } from './append.js';
import { type Item, type ItemKey, keyOf } from './item.js';
import { sameValue } from './same-value.js';

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

/** The step between two netmaps. */
export function diffNetmaps(before: Netmap, after: Netmap): NetmapDiff {
  const step = new DiffBuilder();
  for (const [key, item] of before) step.add(item, after.get(key));
  for (const [key, item] of after) if (!before.has(key)) step.add(undefined, item);
  return step.build();
}

/** What grants access comes after what it refers to, and goes before it. */
const GRANTING_LAST: readonly Item['kind'][] = ['self', 'dns', 'peer', 'route', 'rule'];
const GRANTING_FIRST: readonly Item['kind'][] = GRANTING_LAST.toReversed();

/** Collects what became of single items; each key at most once. */
export class DiffBuilder {
  readonly #removed = new Map<Item['kind'], Item[]>();
  readonly #replaced = new Map<Item['kind'], Upsert[]>();
  readonly #added = new Map<Item['kind'], Upsert[]>();

  /** Notes an item before and after, each undefined when the netmap does not have it. */
  add(before: Item | undefined, after: Item | undefined): void {
    if (before === after) return;
    // An item that changed and changed back since is another object that says the same.
    if (before && after && sameValue(before, after)) return;
    if (!after) append(this.#removed, (before as Item).kind, before as Item);
    else if (before) append(this.#replaced, after.kind, { before, after });
    else append(this.#added, after.kind, { after });
  }

  build(): NetmapDiff {
    return {
      removed: GRANTING_FIRST.flatMap((kind) => this.#removed.get(kind) ?? []),
      upserted: [this.#replaced, this.#added].flatMap((upserts) =>
        GRANTING_LAST.flatMap((kind) => upserts.get(kind) ?? []),
      ),
    };
  }
}
