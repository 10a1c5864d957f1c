import type { Problem } from '#kernel';
import type { Request } from '../decider.js';
import type { Party } from './party.js';

/** Who this is, as the events of a change name them. What else is known of an actor has its place beside the event. */
export const partyOf = ({ actor: { kind, id }, person }: Request): Party => ({
  kind,
  id,
  ...(person !== undefined && { person }),
});

/** Why somebody has no say in reviews, if so: a token of nobody's could be anybody's, its proposer's too. */
export function badParty({ actor, person }: Request): Problem | undefined {
  if (actor.kind !== 'token' || person !== undefined) return undefined;
  return {
    code: 'change.nobody_not_permitted',
    message: `the API token ${actor.id} belongs to nobody, so that nobody would answer for this`,
    hint: 'issue a token in the name of a user',
  };
}
