import { judgePolicy, type PolicyReading } from '#policy';
import type { TailnetState } from '../state.js';
import { policyNetworkOf } from './directory-of.js';
import { readPolicy } from './read-policy.js';

/**
 * All that is wrong or unwise about a policy in this tailnet: what the text itself says, and the tests in it that would
 * not hold among the nodes that there are. It may be published when no problem is an error.
 */
export const checkPolicy = (state: TailnetState, text: string): PolicyReading =>
  judgePolicy(readPolicy(state, text), policyNetworkOf(state));
