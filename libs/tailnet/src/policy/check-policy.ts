import { type PolicyProblem, runPolicyTests } from '#policy';
import type { TailnetState } from '../state.js';
import { directoryOf, subjectOf } from './directory-of.js';
import { readPolicy } from './read-policy.js';

/**
 * All that is wrong or unwise about a policy in this tailnet: what the text itself says, and the tests in it that would
 * not hold among the nodes that there are. It may be published when no problem is an error.
 */
export function checkPolicy(state: TailnetState, text: string): readonly PolicyProblem[] {
  const { policy, problems } = readPolicy(text, state.groups.keys());
  if (!policy || policy.tests.length + policy.sshTests.length === 0) return problems;
  const subjects = [...state.nodes.values()].map((node) => subjectOf(state, node));
  return [...problems, ...runPolicyTests(policy, { subjects, directory: directoryOf(state) })];
}
