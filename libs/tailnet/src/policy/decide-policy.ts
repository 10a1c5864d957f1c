import { isError } from '#policy';
import { ALREADY_SO, type Deciders, record, reject } from '../decider.js';
import { checkPolicy } from './check-policy.js';
import type { PolicyCommands } from './policy-commands.js';

export const decidePolicy: Deciders<PolicyCommands> = {
  PublishAcl: (state, { text }) => {
    if (state.policy.policy && state.policy.text === text) return ALREADY_SO;
    const { problems } = checkPolicy(state, text);
    const errors = problems.filter(isError);
    const [first] = errors;
    if (!first) return record('AclPublished', { text });
    const message = errors.length === 1 ? first.message : `the policy has ${errors.length} errors`;
    return reject({ code: 'policy.invalid', message, where: first.where, hint: first.hint, problems });
  },
};
