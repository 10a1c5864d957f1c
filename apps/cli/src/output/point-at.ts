/** How much of a long line is shown, and how much of that before the place. */
const WIDTH = 100;
const BEFORE = 40;

/**
 * A line of a file with a mark below the place that is meant; of a long line, the part around it. None of an empty line.
 * @param at 0-based, in UTF-16 code units
 */
export function pointAt(line: string, at: number): string[] {
  const text = line.trimEnd().replaceAll('\t', ' ');
  if (text === '') return [];
  const start = text.length > WIDTH ? Math.max(0, Math.min(at - BEFORE, text.length - WIDTH)) : 0;
  const shown = text.slice(start, start + WIDTH);
  const [left, right] = [start > 0 ? '…' : '', start + WIDTH < text.length ? '…' : ''];
  return [`${left}${shown}${right}`, `${' '.repeat(left.length + at - start)}^`];
}
