/** Positions of two lists that hold the same, rising in both. */
export type Alignment = readonly (readonly [a: number, b: number])[];

/** Up to so many pairs of positions are compared where nothing is unique. */
const MAX_TABLE = 1_000_000;

/**
 * Aligns two lists: what they have in common at both ends, what occurs exactly once in each (patience, as Bram Cohen's
 * diff does), and between those a longest common subsequence, where the rest is small enough for one. It depends on nothing but
 * the lists, and costs little where they are much alike.
 */
export function align(a: readonly string[], b: readonly string[]): Alignment {
  const pairs: [number, number][] = [];
  const open: [number, number, number, number][] = [[0, a.length, 0, b.length]];
  for (let part = open.pop(); part; part = open.pop()) {
    let [aFrom, aTo, bFrom, bTo] = part;
    while (aFrom < aTo && bFrom < bTo && a[aFrom] === b[bFrom]) pairs.push([aFrom++, bFrom++]);
    while (aFrom < aTo && bFrom < bTo && a[aTo - 1] === b[bTo - 1]) pairs.push([--aTo, --bTo]);
    if (aFrom === aTo || bFrom === bTo) continue;
    const anchors = uniquePairs(a, b, [aFrom, aTo, bFrom, bTo]);
    if (anchors.length === 0) {
      pairs.push(...longestCommon(a, b, [aFrom, aTo, bFrom, bTo]));
      continue;
    }
    for (const [x, y] of anchors) {
      open.push([aFrom, x, bFrom, y]);
      pairs.push([x, y]);
      [aFrom, bFrom] = [x + 1, y + 1];
    }
    open.push([aFrom, aTo, bFrom, bTo]);
  }
  return pairs.sort(([x], [y]) => x - y);
}

type Part = readonly [aFrom: number, aTo: number, bFrom: number, bTo: number];

/** The longest rising row of what occurs once in both parts. */
function uniquePairs(a: readonly string[], b: readonly string[], [aFrom, aTo, bFrom, bTo]: Part): [number, number][] {
  const inB = once(b, bFrom, bTo);
  const pairs = [...once(a, aFrom, aTo)].flatMap(([text, x]): [number, number][] => {
    const y = inB.get(text);
    return y === undefined ? [] : [[x, y]];
  });
  return longestRise(pairs.sort(([x], [y]) => x - y));
}

function once(list: readonly string[], from: number, to: number): Map<string, number> {
  const places = new Map<string, number>();
  const repeated = new Set<string>();
  for (let i = from; i < to; i++) {
    const text = list[i] as string;
    if (places.has(text)) repeated.add(text);
    places.set(text, i);
  }
  for (const text of repeated) places.delete(text);
  return places;
}

/** The longest row of pairs, which rise in their first, that rise in their second too (patience sorting). */
function longestRise(pairs: readonly [number, number][]): [number, number][] {
  const tops: number[] = [];
  const before: number[] = [];
  pairs.forEach(([, y], i) => {
    let [low, high] = [0, tops.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((pairs[tops[middle] as number]?.[1] as number) < y) low = middle + 1;
      else high = middle;
    }
    before[i] = low > 0 ? (tops[low - 1] as number) : -1;
    tops[low] = i;
  });
  const rise: [number, number][] = [];
  for (let i = tops.at(-1) ?? -1; i >= 0; i = before[i] as number) rise.push(pairs[i] as [number, number]);
  return rise.reverse();
}

function longestCommon(a: readonly string[], b: readonly string[], part: Part): [number, number][] {
  const [aFrom, aTo, bFrom, bTo] = part;
  const [height, width] = [aTo - aFrom, bTo - bFrom];
  if (height * width > MAX_TABLE) return [];
  const row = width + 1;
  const lengths = new Uint32Array((height + 1) * row);
  const length = (i: number, j: number) => lengths[i * row + j] as number;
  for (let i = height - 1; i >= 0; i--) {
    for (let j = width - 1; j >= 0; j--) {
      const same = a[aFrom + i] === b[bFrom + j];
      lengths[i * row + j] = same ? length(i + 1, j + 1) + 1 : Math.max(length(i + 1, j), length(i, j + 1));
    }
  }
  const pairs: [number, number][] = [];
  for (let i = 0, j = 0; i < height && j < width; ) {
    if (a[aFrom + i] === b[bFrom + j]) pairs.push([aFrom + i++, bFrom + j++]);
    else if (length(i + 1, j) >= length(i, j + 1)) i++;
    else j++;
  }
  return pairs;
}
