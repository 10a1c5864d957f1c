/** How one text differs from another, line by line. */
export interface LineCounts {
  readonly added: number;
  readonly removed: number;
  /** Whether the same lines stand in another order. */
  readonly reordered: boolean;
}

/** Counts lines that only one of two texts has, as often as it has them. Cost: the length of both. */
export function comparedLines(before: string, after: string): LineCounts {
  const surplus = new Map<string, number>();
  for (const line of linesOf(after)) surplus.set(line, (surplus.get(line) ?? 0) + 1);
  for (const line of linesOf(before)) surplus.set(line, (surplus.get(line) ?? 0) - 1);
  let [added, removed] = [0, 0];
  for (const count of surplus.values()) {
    if (count > 0) added += count;
    else removed -= count;
  }
  return { added, removed, reordered: added + removed === 0 && before !== after };
}

/** A text without a line break at its end has the same lines as one with. */
function linesOf(text: string): string[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}
