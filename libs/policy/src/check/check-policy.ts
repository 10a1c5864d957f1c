import type { PolicyNetwork } from '../address/network-view.js';
import type { PolicySurroundings } from '../language/parse-policy.js';
import { lintPolicy } from '../lint/lint-policy.js';
import { isError, type PolicyProblem } from '../problem.js';
import { type PolicyReading, readPolicy } from './read-policy.js';
import { runPolicyTests } from './run-policy-tests.js';

/**
 * All that there is to say about a policy file before it is published, in the order of the file: what is wrong with it,
 * what is unwise, and which of its tests do not hold on this network. It may be published when no problem is an error.
 */
export const checkPolicyFile = (
  text: string,
  network: PolicyNetwork,
  surroundings: PolicySurroundings,
): PolicyReading => judgePolicy(readPolicy(text, surroundings), network);

/** The same about a file that has been read. */
export function judgePolicy(reading: PolicyReading, network: PolicyNetwork): PolicyReading {
  const { policy, compiled } = reading;
  if (!policy) return { problems: inOrder(reading.problems) };
  const found = [...lintPolicy(policy, compiled), ...runPolicyTests(policy, network, compiled)];
  const problems = inOrder([...reading.problems, ...found]);
  return problems.some(isError) ? { problems } : { policy, compiled, problems };
}

const inOrder = (problems: readonly PolicyProblem[]): PolicyProblem[] =>
  [...problems].sort((a, b) => a.line - b.line || a.column - b.column);
