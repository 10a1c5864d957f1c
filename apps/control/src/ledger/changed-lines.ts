/** Texts that differ in more lines than this, beyond what they begin and end with, are not compared line by line. */
const MAX_COMPARED = 2_000;

/**
 * The lines that differ between two texts, in order, each with `- ` or `+ ` in front: the fewest there can be (longest
 * common subsequence), or, of very different long texts, all lines between what they begin and end with.
 */
export function changedLines(before: string, after: string): string[] {
  const [old, fresh] = [before.split('\n'), after.split('\n')];
  let start = 0;
  while (start < old.length && start < fresh.length && old[start] === fresh[start]) start += 1;
  let end = 0;
  const most = Math.min(old.length, fresh.length) - start;
  while (end < most && old.at(-1 - end) === fresh.at(-1 - end)) end += 1;
  return between(old.slice(start, old.length - end), fresh.slice(start, fresh.length - end));
}

function between(old: readonly string[], fresh: readonly string[]): string[] {
  if (old.length + fresh.length > MAX_COMPARED) return [...old.map(gone), ...fresh.map(come)];
  const common = commonSuffixes(old, fresh);
  const lines: string[] = [];
  let [i, j] = [0, 0];
  while (i < old.length || j < fresh.length) {
    if (i < old.length && j < fresh.length && old[i] === fresh[j]) {
      i += 1;
      j += 1;
    } else if (j === fresh.length || (i < old.length && at(common, i + 1, j) >= at(common, i, j + 1))) {
      lines.push(gone(old[i++] ?? ''));
    } else lines.push(come(fresh[j++] ?? ''));
  }
  return lines;
}

/** [i][j]: how many lines the rest of `old` from i and the rest of `fresh` from j have in common, in order. */
function commonSuffixes(old: readonly string[], fresh: readonly string[]): readonly Uint16Array[] {
  const table = Array.from({ length: old.length + 1 }, () => new Uint16Array(fresh.length + 1));
  for (let i = old.length - 1; i >= 0; i--) {
    const row = table[i];
    for (let j = fresh.length - 1; row && j >= 0; j--) {
      row[j] = old[i] === fresh[j] ? at(table, i + 1, j + 1) + 1 : Math.max(at(table, i + 1, j), at(table, i, j + 1));
    }
  }
  return table;
}

const at = (table: readonly Uint16Array[], i: number, j: number): number => table[i]?.[j] ?? 0;

const gone = (line: string): string => `- ${line}`;
const come = (line: string): string => `+ ${line}`;
