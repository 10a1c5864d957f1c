import type { Problem } from '#kernel';

/** Something about a policy file that is wrong (`error`: the file is refused) or unwise (`warning`). */
export interface PolicyProblem extends Problem {
  readonly severity: 'error' | 'warning';
  /** 1-based. `where` is `line:column`. */
  readonly line: number;
  /** 1-based, in UTF-16 code units. */
  readonly column: number;
  /** The offending text of the file, when there is one short enough to show. */
  readonly text?: string;
}

export const isError = (problem: PolicyProblem): boolean => problem.severity === 'error';
