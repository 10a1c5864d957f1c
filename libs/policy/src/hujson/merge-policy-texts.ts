import { mergeBlanks } from './merge-blanks.js';
import type { MergeConflict, MergeOutcome, Placed } from './merge-outcome.js';
import { Merger } from './merger.js';
import { parseHujson } from './parse-hujson.js';

/**
 * Merges two changes of a HuJSON text: what either side changed, wherever the other left it as it was. Objects merge by
 * their keys, lists by what was put in, taken out and edited; texts, comments and formatting are those of the side that
 * changed them, and what neither changed stays to the letter.
 * @returns the text; or what both changed, each in its own way
 */
export function mergePolicyTexts(base: string, ours: string, theirs: string): MergeOutcome {
  if (ours === theirs || base === theirs) return { text: ours };
  if (base === ours) return { text: theirs };
  const [was, one, other] = [read(base), read(ours), read(theirs)];
  if (!was || !one || !other) return { conflicts: [wholeConflict(base, ours, theirs)] };
  const merger = new Merger();
  const text = merger.merge('', was, one, other);
  const around = (part: (placed: Placed) => string) => {
    const merged = mergeBlanks({ base: part(was), ours: part(one), theirs: part(other) });
    if (merged === undefined) merger.conflict('', 'both sides changed the comments around the policy', {});
    return merged ?? '';
  };
  const before = around((placed) => placed.text.slice(0, placed.node.start));
  const after = around((placed) => placed.text.slice(placed.node.end));
  return merger.conflicts.length > 0 ? { conflicts: inOrder(merger.conflicts) } : { text: before + text + after };
}

const lineOf = ({ base, ours, theirs }: MergeConflict): number => (base ?? ours ?? theirs)?.line ?? 0;

const inOrder = (conflicts: readonly MergeConflict[]): MergeConflict[] =>
  [...conflicts].sort((a, b) => lineOf(a) - lineOf(b));

function read(text: string): Placed | undefined {
  const { node, problems } = parseHujson(text);
  return node && problems.length === 0 ? { text, node } : undefined;
}

const wholeConflict = (base: string, ours: string, theirs: string) => ({
  path: '',
  message: 'both sides changed the policy, and not all of the three texts are well-formed HuJSON',
  base: { text: base, line: 1 },
  ours: { text: ours, line: 1 },
  theirs: { text: theirs, line: 1 },
});
