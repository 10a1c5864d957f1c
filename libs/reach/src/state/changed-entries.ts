import type { Map as PersistentMap } from 'immutable';

/** The entries that two maps do not share, in the order of the later one, and then those that are gone. */
export function* changedEntries<V>(
  before: PersistentMap<string, V>,
  after: PersistentMap<string, V>,
): Iterable<readonly [key: string, before: V | undefined, after: V | undefined]> {
  if (before === after) return;
  for (const [key, value] of after) {
    const old = before.get(key);
    if (old !== value) yield [key, old, value];
  }
  for (const [key, old] of before) if (!after.has(key)) yield [key, old, undefined];
}
