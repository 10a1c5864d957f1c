import { type AccessQuestion, type Explanation, explainAccess, NetworkView } from '#policy';
import type { TailnetState } from '../state.js';
import { policyNetworkOf } from './directory-of.js';

/**
 * Whether the policy in force allows a flow, and by which rule.
 * @param question names of the policy language, or names or ids of nodes
 */
export function explainPolicy(state: TailnetState, { src, dst, ...service }: AccessQuestion): Explanation {
  const { policy, compiled } = state.policy;
  if (!policy || !compiled) return NO_POLICY_EXPLAINED;
  const network = policyNetworkOf(state);
  const nameOf = (name: string) => state.nodes.get(name)?.name ?? name;
  const question = { src: nameOf(src), dst: nameOf(dst), ...service };
  return explainAccess(policy, new NetworkView(compiled, network), network.directory, question);
}

const NO_POLICY_EXPLAINED: Explanation = {
  allowed: false,
  summary: 'nothing is allowed: no policy has been published',
  rule: undefined,
};
