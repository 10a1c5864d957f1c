import type { Problem } from '#kernel';

/** `netfold: what (where)`, and the hint indented below it. */
export function formatProblem({ message, where, hint }: Problem): string {
  const lines = [`netfold: ${message}${where ? ` (${where})` : ''}`];
  if (hint) lines.push(...hint.split('\n').map((line) => `  ${line}`));
  return lines.join('\n');
}
