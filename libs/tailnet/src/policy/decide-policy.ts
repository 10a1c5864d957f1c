import { isError } from '#policy';
import { ALREADY_SO, type Deciders, type Rejection, record, reject } from '../decider.js';
import type { TailnetState } from '../state.js';
import { checkPolicy } from './check-policy.js';
import type { PolicyCommands } from './policy-commands.js';

export const decidePolicy: Deciders<PolicyCommands> = {
  PublishAcl: (state, { text, base }) => {
    if (state.policy.policy && state.policy.text === text) return ALREADY_SO;
    if (base !== undefined && (state.policy.revision > base || base > state.revision))
      return reject(stale(state, base));
    const { problems } = checkPolicy(state, text);
    const errors = problems.filter(isError);
    const [first] = errors;
    if (!first) return record('AclPublished', { text });
    const message = errors.length === 1 ? first.message : `the policy has ${errors.length} errors`;
    return reject({ code: 'policy.invalid', message, where: first.where, hint: first.hint, problems });
  },
};

function stale({ revision, policy }: TailnetState, base: number): Rejection {
  const message =
    base > revision
      ? `there is no revision ${base} yet`
      : `a policy was published at revision ${policy.revision}; this edit began at ${base}`;
  return {
    code: 'policy.stale_revision',
    message,
    where: 'base',
    hint: 'look at what has changed since and try again',
  };
}
