import type { CompileBudget } from './compile-budget.js';
import type { Rule, Selector } from './rule.js';
import { covers, disjoint, where } from './selectors.js';
import { cutsEverything, splitServices } from './services.js';

/** A rule before it gets its id. */
export type Atom = Omit<Rule, 'id'>;

/** What a `drop` rule takes away: everything from any of the sources to any of the destinations. */
export interface Cut extends Pick<Rule, 'protocols' | 'ports'> {
  readonly src: readonly Selector[];
  readonly dst: readonly Selector[];
}

/** The same cuts in fewer: those that differ only in their destinations become one, and those only in their sources. */
export const mergeCuts = (cuts: readonly Cut[]): Cut[] => mergeEnds(mergeEnds(cuts, 'dst', 'src'), 'src', 'dst');

function mergeEnds(cuts: readonly Cut[], end: 'src' | 'dst', other: 'src' | 'dst'): Cut[] {
  const ends = new Map<string, Selector[]>();
  const first = new Map<string, Cut>();
  for (const cut of cuts) {
    const key = JSON.stringify([cut[other], cut.protocols, cut.ports]);
    const known = ends.get(key) ?? [];
    for (const selector of cut[end]) known.push(selector);
    ends.set(key, known);
    if (!first.has(key)) first.set(key, cut);
  }
  return [...first].map(([key, cut]) => ({ ...cut, [end]: ends.get(key) ?? [] }));
}

/**
 * What is left of a permission after all cuts, as permissions that have nothing in common. The pieces of one cut are:
 * other ports; the same ports from other sources; the same ports from the same sources to other destinations. So cuts
 * whose sources have nothing in common, or are the same, add one piece each; only others multiply.
 * @throws NetfoldError `policy.too_many_drops`
 */
export function subtractCuts(atom: Atom, cuts: readonly Cut[], budget: CompileBudget): Atom[] {
  let pieces = [atom];
  for (const cut of cuts) {
    pieces = pieces.flatMap((piece) => {
      const left = subtract(piece, cut);
      if (left[0] !== piece) budget.spend(1 + left.length);
      return left;
    });
    budget.checkPieces(pieces.length);
  }
  return pieces;
}

function subtract(atom: Atom, cut: Cut): Atom[] {
  if (cut.dst.every((dst) => disjoint(atom.dst, dst))) return [atom];
  if (atom.src.every((src) => cut.src.every((taken) => disjoint(src, taken)))) return [atom];
  if (atom.ports.length === 0) return cutsEverything(cut) ? around(atom, cut) : [atom];
  const { beyond, common } = splitServices(atom, cut);
  if (common.length === 0) return [atom];
  const pieces = beyond.map((part) => ({ ...atom, ...part }));
  return [...pieces, ...common.flatMap((part) => around({ ...atom, ...part }, cut))];
}

/** The sources outside of the cut to all destinations, and those within it to the destinations outside of it. */
function around(atom: Atom, cut: Cut): Atom[] {
  const pieces: Atom[] = [];
  const src = without(atom.src, cut.src);
  if (src.length > 0) pieces.push({ ...atom, src });
  const [dst] = without([atom.dst], cut.dst);
  const within = atom.src.flatMap((selector) => common(selector, cut.src));
  if (dst && within.length > 0) pieces.push({ ...atom, src: within, dst });
  return pieces;
}

/** What a selector has in common with each of the others. */
function common(selector: Selector, others: readonly Selector[]): Selector[] {
  if (others.some((other) => covers(other, selector))) return [selector];
  return others.flatMap((other) => {
    if (disjoint(selector, other)) return [];
    // A prefix may hold sources behind an exit node, which "*" does not.
    const isPart = covers(selector, other) && (selector.kind !== 'any' || other.kind === 'label');
    return isPart ? [other] : [where(selector, [other], [])];
  });
}

function without(selectors: readonly Selector[], cut: readonly Selector[]): Selector[] {
  return selectors.flatMap((selector) => {
    if (cut.some((taken) => covers(taken, selector))) return [];
    const touching = cut.filter((taken) => !disjoint(selector, taken));
    return [where(selector, [], touching)];
  });
}
