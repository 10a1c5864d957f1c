import { align } from './align.js';
import type { JsonNode } from './json-node.js';
import { contentOf, similarity } from './similarity.js';

/** Which item of a later list an item of the base became, by its position; absent: none. */
export type ItemMatch = ReadonlyMap<number, number>;

/** Two items are versions of one when they are at least so much alike. */
const ALIKE = 0.5;

/** Beyond so many pairs, items that were edited are told by their order alone. */
const MAX_PAIRS = 10_000;

/**
 * Tells what became of the items of a list: those of the same content are the same, in order; of the objects in between,
 * the pairs that are most alike are versions of each other.
 */
export function matchItems(base: readonly JsonNode[], later: readonly JsonNode[]): ItemMatch {
  const match = new Map<number, number>();
  let [b, l] = [0, 0];
  for (const [x, y] of [...align(base.map(contentOf), later.map(contentOf)), [base.length, later.length] as const]) {
    for (const [i, j] of versions(base.slice(b, x), later.slice(l, y))) match.set(b + i, l + j);
    if (x < base.length) match.set(x, y);
    [b, l] = [x + 1, y + 1];
  }
  return match;
}

/** The pairs, rising in both lists, that are the most alike all together. */
function versions(base: readonly JsonNode[], later: readonly JsonNode[]): [number, number][] {
  if (base.length === 0 || later.length === 0) return [];
  if (base.length * later.length > MAX_PAIRS) return [];
  const row = later.length + 1;
  const best = new Float64Array((base.length + 1) * row);
  const at = (i: number, j: number) => best[i * row + j] as number;
  const isOne = base.length === 1 && later.length === 1;
  const gains = base.map((a) => later.map((b) => gain(a, b, isOne)));
  const gainOf = (i: number, j: number) => gains[i]?.[j] ?? 0;
  for (let i = base.length - 1; i >= 0; i--) {
    for (let j = later.length - 1; j >= 0; j--) {
      best[i * row + j] = Math.max(at(i + 1, j), at(i, j + 1), gainOf(i, j) + at(i + 1, j + 1));
    }
  }
  const pairs: [number, number][] = [];
  for (let i = 0, j = 0; i < base.length && j < later.length; ) {
    if (gainOf(i, j) > 0 && at(i, j) === gainOf(i, j) + at(i + 1, j + 1)) pairs.push([i++, j++]);
    else if (at(i, j) === at(i + 1, j)) i++;
    else j++;
  }
  return pairs;
}

/** One item in the place of one other is a version of it, if they have anything in common. */
function gain(a: JsonNode, b: JsonNode, isOne: boolean): number {
  if (a.kind !== b.kind || (a.kind !== 'object' && a.kind !== 'array')) return 0;
  const alike = similarity(a, b);
  return alike >= ALIKE || isOne ? alike : 0;
}
