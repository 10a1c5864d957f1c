import type { Entry } from './layout.js';
import type { MergePlan } from './plan-items.js';

interface Entries {
  readonly base: readonly Entry[];
  readonly ours: readonly Entry[];
  readonly theirs: readonly Entry[];
}

/**
 * The members of a merged object. They stand in the order of the side that changed it, ours if both did; what the other
 * side added follows what it follows there.
 */
export function planMembers({ base, ours, theirs }: Entries): MergePlan[] {
  const [was, one, other] = [byKey(base), byKey(ours), byKey(theirs)];
  const isFirst = !sameOrder(ours, was) || sameOrder(theirs, was);
  const [leading, following] = isFirst ? [one, other] : [other, one];
  const order = [...leading.keys()];
  let before = -1;
  for (const key of following.keys()) {
    const known = order.indexOf(key);
    if (known < 0) order.splice(++before, 0, key);
    else before = known;
  }
  for (const key of was.keys()) if (!one.has(key) && !other.has(key)) order.push(key);
  return order.map((key) => ({
    at: /^[A-Za-z_]\w*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`,
    base: was.get(key),
    ours: one.get(key),
    theirs: other.get(key),
  }));
}

const byKey = (entries: readonly Entry[]): Map<string, Entry> =>
  new Map(entries.map((entry) => [entry.key ?? '', entry]));

/** Whether the members that were there before stand in the order that they had. */
function sameOrder(entries: readonly Entry[], was: ReadonlyMap<string, Entry>): boolean {
  const places = new Map([...was.keys()].map((key, i) => [key, i]));
  const kept = entries.flatMap(({ key = '' }) => places.get(key) ?? []);
  return kept.every((place, i) => i === 0 || place > (kept[i - 1] ?? -1));
}
