import { NetfoldError } from '#kernel';
import { compilePolicy } from '../compile/compile-policy.js';
import type { CompiledPolicy } from '../compile/compiled-policy.js';
import { type PolicySurroundings, parsePolicy } from '../language/parse-policy.js';
import type { Policy } from '../language/policy.js';
import type { PolicyProblem } from '../problem.js';

/** A policy file, ready to be put in force; or why it is not. */
export type PolicyReading =
  | { readonly policy: Policy; readonly compiled: CompiledPolicy; readonly problems: readonly PolicyProblem[] }
  | { readonly policy?: never; readonly compiled?: never; readonly problems: readonly PolicyProblem[] };

/**
 * Reads and compiles a policy file. Never throws: what cannot be compiled is a problem of the file.
 * @param previous the version before, from which rules that stay are taken
 */
export function readPolicy(text: string, surroundings: PolicySurroundings, previous?: CompiledPolicy): PolicyReading {
  const { policy, problems } = parsePolicy(text, surroundings);
  if (!policy) return { problems };
  try {
    return { policy, compiled: compilePolicy(policy, previous), problems };
  } catch (error) {
    if (!(error instanceof NetfoldError)) throw error;
    return { problems: [...problems, compileProblem(error, policy)] };
  }
}

/** Where drop rules are at fault, the first of them is where to look. */
function compileProblem({ code, message, hint }: NetfoldError, { rules = [] }: Policy): PolicyProblem {
  const guilty = code === 'policy.too_many_drops' ? rules.find(({ action }) => action === 'drop') : rules[0];
  const { line, column } = guilty ?? { line: 1, column: 1 };
  return { severity: 'error', code, message, ...(hint && { hint }), line, column, where: `${line}:${column}` };
}
