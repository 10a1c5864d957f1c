import { compilePolicy } from '../compile/compile-policy.js';
import type { CompiledPolicy } from '../compile/compiled-policy.js';
import type { Policy } from '../language/policy.js';
import type { PolicyProblem } from '../problem.js';
import { lintReach } from './lint-reach.js';
import { lintShadows } from './lint-shadows.js';
import { lintUnused } from './lint-unused.js';

/**
 * What is lawful and yet hardly meant: names that nothing uses, rules that never match or say nothing new, and grants to
 * everyone. Warnings only, in the order of the file; in time linear in the policy.
 * @throws NetfoldError `policy.too_many_drops`
 */
export function lintPolicy(policy: Policy, compiled: CompiledPolicy = compilePolicy(policy)): PolicyProblem[] {
  const problems = [...lintUnused(policy), ...lintReach(policy, compiled), ...lintShadows(policy, compiled)];
  return problems.sort((a, b) => a.line - b.line || a.column - b.column);
}
