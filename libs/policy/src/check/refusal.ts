import { isError, type PolicyProblem } from '../problem.js';

/** The code of every problem that says that a test of the policy does not hold. */
export const TEST_FAILED = 'policy.test_failed';

/** The one line by which the reference refuses a policy with these problems; undefined when it would take it. */
export function policyRefusal(problems: readonly PolicyProblem[]): string | undefined {
  const first = problems.find(isError);
  return first?.code === TEST_FAILED ? 'test(s) failed' : first?.message;
}
