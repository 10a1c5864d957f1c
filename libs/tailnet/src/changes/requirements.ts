import { authorise } from '../authorise.js';
import type { CommandActor, TailnetCommand } from '../commands.js';
import type { TailnetState } from '../state.js';
import type { Approval, Change } from './change.js';
import type { Party } from './party.js';
import { countsAs, type ReviewRule, rulesFor } from './review-rule.js';

/** What a rule asks of a change, and how far it is met. */
export interface Requirement {
  readonly rule: ReviewRule;
  /** The approvals that count for it. */
  readonly approvals: readonly Approval[];
  readonly missing: number;
}

/**
 * What the rules in force ask of an open change. An approval counts as long as whoever gave it may still act and still
 * has the role.
 * @param now milliseconds since the Unix epoch
 */
export function requirementsOf(state: TailnetState, change: Change, now: number): readonly Requirement[] {
  const valid = validApprovals(state, change, now);
  const types = change.commands.map(({ type }) => type);
  return rulesFor(state.changes.rules, types).map((rule) => {
    const approvals = valid.filter(({ by }) => holds(state, by, rule.role));
    return { rule, approvals, missing: Math.max(0, rule.approvals - approvals.length) };
  });
}

/** The approvals by people who might still give them. */
export const validApprovals = (state: TailnetState, { id, approvals }: Change, now: number): readonly Approval[] =>
  approvals.filter(({ by }) => {
    const data = { changeId: id, verdict: 'approve', impactDigest: '', comment: '' } as const;
    return mayStill(state, by, { type: 'ReviewChange', data }, now);
  });

export const mayStill = (state: TailnetState, by: Party, command: TailnetCommand, now: number): boolean =>
  authorise(state, { id: '', now, actor: actorOf(by), command }).ok;

export const actorOf = ({ kind, id }: Party): CommandActor => ({ kind, id });

/** Whether a person counts for a rule; through a token, only if the token would too. */
function holds(state: TailnetState, { kind, id, person }: Party, wanted: ReviewRule['role']): boolean {
  const user = state.users.get(person ?? '');
  const token = kind === 'token' ? state.apiTokens.get(id) : undefined;
  const roles = [user?.role, ...(kind === 'token' ? [token?.role] : [])];
  return roles.every((role) => role !== undefined && countsAs(role, wanted));
}
