import type { Evolvers } from '../evolver.js';
import type { PolicyEvents } from './policy-events.js';
import { readPolicyAmong, surroundingsOf } from './read-policy.js';

export const evolvePolicy: Evolvers<PolicyEvents> = {
  // A text that was fine when it was published and is not any more must not open the network, nor stop the fold.
  AclPublished: (state, { text }, { revision }) => {
    const around = surroundingsOf(state);
    const { policy, compiled } = readPolicyAmong(around, text);
    return policy && compiled ? { ...state, policy: { text, revision, policy, compiled, around } } : state;
  },
};
