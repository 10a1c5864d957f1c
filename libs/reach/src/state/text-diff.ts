import { align } from '#policy';

/** A line of two texts: of both, or of one. Line numbers are 1-based. */
export type DiffLine =
  | { readonly kind: 'same'; readonly text: string; readonly before: number; readonly after: number }
  | { readonly kind: 'removed'; readonly text: string; readonly before: number }
  | { readonly kind: 'added'; readonly text: string; readonly after: number };

const CONTEXT = 2;

/** The lines that two texts do not have in common, each with the lines around it. */
export function diffTexts(before: string, after: string): DiffLine[] {
  if (before === after) return [];
  const lines = allLines(linesOf(before), linesOf(after));
  const isNear = new Set<number>();
  lines.forEach(({ kind }, i) => {
    if (kind !== 'same') for (let near = i - CONTEXT; near <= i + CONTEXT; near++) isNear.add(near);
  });
  return lines.filter((_, i) => isNear.has(i));
}

const linesOf = (text: string): string[] => (text === '' ? [] : text.replace(/\n$/, '').split('\n'));

function allLines(old: readonly string[], fresh: readonly string[]): DiffLine[] {
  const lines: DiffLine[] = [];
  let [i, j] = [0, 0];
  const skipTo = (a: number, b: number) => {
    for (; i < a; i++) lines.push({ kind: 'removed', text: old[i] as string, before: i + 1 });
    for (; j < b; j++) lines.push({ kind: 'added', text: fresh[j] as string, after: j + 1 });
  };
  for (const [a, b] of align(old, fresh)) {
    skipTo(a, b);
    lines.push({ kind: 'same', text: old[i] as string, before: ++i, after: ++j });
  }
  skipTo(old.length, fresh.length);
  return lines;
}
