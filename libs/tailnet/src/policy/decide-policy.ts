import { isError } from '#policy';
import { ALREADY_SO, type Deciders, record, reject } from '../decider.js';
import type { PolicyCommands } from './policy-commands.js';
import { readPolicy } from './read-policy.js';

export const decidePolicy: Deciders<PolicyCommands> = {
  PublishAcl: (state, { text }) => {
    if (state.policy.policy && state.policy.text === text) return ALREADY_SO;
    const { policy, problems } = readPolicy(text, state.groups.keys());
    if (policy) return record('AclPublished', { text });
    const errors = problems.filter(isError);
    const [first] = errors;
    const message = errors.length === 1 && first ? first.message : `the policy has ${errors.length} errors`;
    return reject({ code: 'policy.invalid', message, where: first?.where, hint: first?.hint, problems });
  },
};
