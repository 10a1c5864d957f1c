import { NetfoldError } from '#kernel';
import type { PolicyNetwork } from '../address/network-view.js';
import { type ParsedPolicy, type PolicySurroundings, parsePolicy } from '../language/parse-policy.js';
import type { Policy } from '../language/policy.js';
import { lintPolicy } from '../lint/lint-policy.js';
import type { PolicyProblem } from '../problem.js';
import { runPolicyTests } from './run-policy-tests.js';

/**
 * All that there is to say about a policy file before it is published: what is wrong with it, what is unwise, and which
 * of its tests do not hold on this network. It may be published when no problem is an error.
 */
export function checkPolicyFile(text: string, network: PolicyNetwork, surroundings: PolicySurroundings): ParsedPolicy {
  const { policy, problems } = parsePolicy(text, surroundings);
  if (!policy) return { policy, problems };
  const all = [...problems, ...judge(policy, network)].sort((a, b) => a.line - b.line || a.column - b.column);
  return { policy: all.some(({ severity }) => severity === 'error') ? undefined : policy, problems: all };
}

function judge(policy: Policy, network: PolicyNetwork): PolicyProblem[] {
  try {
    return [...lintPolicy(policy), ...runPolicyTests(policy, network)];
  } catch (error) {
    if (!(error instanceof NetfoldError)) throw error;
    const { code, message, hint } = error;
    return [{ severity: 'error', code, message, ...(hint && { hint }), line: 1, column: 1, where: '1:1' }];
  }
}
