import type { Place } from '../language/policy.js';
import type { PolicyProblem } from '../problem.js';

/** A warning about a place of the file. */
export function warning({ line, column }: Place, code: string, message: string, hint: string): PolicyProblem {
  return { severity: 'warning', code, message, hint, line, column, where: `${line}:${column}` };
}
