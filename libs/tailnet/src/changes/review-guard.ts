import type { Problem } from '#kernel';
import { event, type Request } from '../decider.js';
import type { TailnetEvent } from '../events.js';
import { badText } from '../input.js';
import type { TailnetState } from '../state.js';
import { badParty, partyOf } from './party-of.js';
import { type ReviewRule, rulesFor } from './review-rule.js';

/**
 * Why a person may not run this command without the approval of others, if so. Machines that act on themselves, people
 * who may act on nothing but what is their own, and the system are nobody to be reviewed.
 */
export function refuseUnreviewed(state: TailnetState, type: string, request: Request): Problem | undefined {
  if (!isCovered(state, type, request)) return undefined;
  if (request.emergency !== undefined) return badEmergency(request, request.emergency);
  return {
    code: 'change.review_required',
    message: `${type} needs ${describeRules(rulesFor(state.changes.rules, [type]))}`,
    hint: 'propose it instead: netfold change propose',
  };
}

/** The record of an emergency, behind what was done in it; none when no rule was set aside, or nothing was done. */
export function overridden(
  state: TailnetState,
  type: string,
  request: Request,
  done: readonly TailnetEvent[],
): readonly TailnetEvent[] {
  const { emergency: reason, commandId } = request;
  if (reason === undefined || done.length === 0 || !isCovered(state, type, request)) return [];
  return [
    event('ReviewOverridden', { overrideId: overrideIdOf(commandId), command: type, reason, by: partyOf(request) }),
  ];
}

/** Short, for people type it. The command's own id is as random at its end. */
export const overrideIdOf = (commandId: string): string => `e${commandId.replace(/:.*/, '').slice(-10)}`;

/** Whether a rule asks for approvals before this actor may run such a command. */
const isCovered = (state: TailnetState, type: string, { actor, reach }: Request): boolean =>
  (actor.kind === 'user' || actor.kind === 'token') &&
  reach === 'any' &&
  rulesFor(state.changes.rules, [type]).length > 0;

/** Why the rules may not be set aside, if so. */
export function badEmergency(request: Request, reason: string): Problem | undefined {
  const { standing } = request;
  const nobody = badParty(request);
  if (nobody) return nobody;
  if (reason.trim() === '') {
    return { code: 'change.no_reason', message: 'an emergency needs a reason', hint: 'say in a sentence what it is' };
  }
  if (standing === 'owner' || standing === 'admin') return badText(reason, 'emergency', 500);
  return {
    code: 'change.emergency_not_permitted',
    message: `acting as ${standing}, one may not set the rules of review aside`,
    hint: 'ask an owner or admin',
  };
}

const describeRules = (rules: readonly ReviewRule[]): string =>
  rules
    .map(({ approvals, role }) => `${approvals} ${approvals === 1 ? 'approval' : 'approvals'} (${role})`)
    .join(' and ');
