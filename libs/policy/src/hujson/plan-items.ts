import { align } from './align.js';
import type { Entry } from './layout.js';
import { type ItemMatch, matchItems } from './match-items.js';
import { contentOf } from './similarity.js';

/** One place of a merged object or list, with the versions of it that there are. */
export interface MergePlan {
  /** Where it is in the container: `[3]`, `.src`, `["group:eng"]`. */
  readonly at: string;
  readonly base?: Entry | undefined;
  readonly ours?: Entry | undefined;
  readonly theirs?: Entry | undefined;
  /** Why the versions cannot be merged, whatever they are. */
  readonly problem?: string;
}

interface Entries {
  readonly base: readonly Entry[];
  readonly ours: readonly Entry[];
  readonly theirs: readonly Entry[];
}

/**
 * The items of a merged list: those of the base in their order, without those that a side removed, and before each what
 * a side put there. What both put at the same place stands there in an order of its own, the same whoever is who.
 * @param isInOrder whether the order of items matters, so that both may not put something at the same place
 */
export function planItems(entries: Entries, isInOrder: boolean): MergePlan[] {
  const [ours, theirs] = [new Edit(entries.base, entries.ours), new Edit(entries.base, entries.theirs)];
  const disputed = disputes(entries.base, ours, theirs);
  return Array.from({ length: entries.base.length + 1 }, (_, slot) => slot).flatMap((slot) => {
    const [one, other] = [ours.added(slot), theirs.added(slot)];
    const at = `[${slot}]`;
    const problem = addedProblem(one, other, isInOrder) ?? disputed.get(slot);
    if (problem !== undefined) return [{ at, base: entries.base[slot], ours: one[0], theirs: other[0], problem }];
    const base = entries.base[slot];
    const kept = base ? [{ at, base, ours: ours.kept(slot), theirs: theirs.kept(slot) }] : [];
    return [...bothAdded(at, one, other), ...kept];
  });
}

/** What a side made of the list. */
class Edit {
  readonly #match: ItemMatch;
  readonly #added = new Map<number, Entry[]>();

  constructor(
    base: readonly Entry[],
    private readonly later: readonly Entry[],
  ) {
    this.#match = matchItems(
      base.map(({ node }) => node),
      later.map(({ node }) => node),
    );
    const places = new Map([...this.#match].map(([from, to]) => [to, from]));
    let slot = 0;
    later.forEach((entry, i) => {
      const place = places.get(i);
      if (place === undefined) this.#added.set(slot, [...(this.#added.get(slot) ?? []), entry]);
      else slot = place + 1;
    });
  }

  kept(slot: number): Entry | undefined {
    const place = this.#match.get(slot);
    return place === undefined ? undefined : this.later[place];
  }

  /** What it put before an item of the base, or at the end. */
  added(slot: number): readonly Entry[] {
    return this.#added.get(slot) ?? [];
  }

  /** The contents of all that it put somewhere. */
  get news(): ReadonlySet<string> {
    return new Set([...this.#added.values()].flat().map(({ node }) => contentOf(node)));
  }
}

function addedProblem(one: readonly Entry[], other: readonly Entry[], isInOrder: boolean): string | undefined {
  if (!isInOrder || one.length === 0 || other.length === 0 || listOf(one) === listOf(other)) return undefined;
  return 'both sides put something here, and the order matters';
}

/** Items of the base that both sides took away, and that at least one put something in the place of, or elsewhere. */
function disputes(base: readonly Entry[], ours: Edit, theirs: Edit): Map<number, string> {
  const disputed = new Map<number, string>();
  base.forEach(({ node }, slot) => {
    if (ours.kept(slot) || theirs.kept(slot)) return;
    const content = contentOf(node);
    if (ours.news.has(content) || theirs.news.has(content)) {
      disputed.set(slot, 'one side moved it, and the other moved or removed it');
    }
    const [one, other] = [replacementOf(base, ours, slot), replacementOf(base, theirs, slot)];
    if (one.length > 0 && other.length > 0 && listOf(one) !== listOf(other)) {
      disputed.set(slot, 'both sides replaced it');
    }
  });
  return disputed;
}

/** What a side put where it took a row of items away. */
function replacementOf(base: readonly Entry[], edit: Edit, slot: number): readonly Entry[] {
  let first = slot;
  while (first > 0 && !edit.kept(first - 1)) first--;
  let last = slot;
  while (last < base.length && !edit.kept(last)) last++;
  const put: Entry[] = [];
  for (let place = first; place <= last; place++) put.push(...edit.added(place));
  return put;
}

const listOf = (entries: readonly Entry[]): string => entries.map(({ node }) => contentOf(node)).join();

/** What both put at one place: what is the same in both once, between that the one that comes first by its content. */
function bothAdded(at: string, ours: readonly Entry[], theirs: readonly Entry[]): MergePlan[] {
  const plans: MergePlan[] = [];
  let [i, j] = [0, 0];
  const contents = (entries: readonly Entry[]) => entries.map(({ node }) => contentOf(node));
  const ends = [ours.length, theirs.length] as const;
  for (const [x, y] of [...align(contents(ours), contents(theirs)), ends]) {
    const [one, other] = [ours.slice(i, x), theirs.slice(j, y)];
    const own = one.map((entry): MergePlan => ({ at, ours: entry }));
    const foreign = other.map((entry): MergePlan => ({ at, theirs: entry }));
    plans.push(...(listOf(other) < listOf(one) ? [...foreign, ...own] : [...own, ...foreign]));
    if (x < ours.length) plans.push({ at, ours: ours[x], theirs: theirs[y] });
    [i, j] = [x + 1, y + 1];
  }
  return plans;
}
