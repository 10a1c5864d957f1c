import { ok, type Problem } from '#kernel';
import type { CommandActor } from '../commands.js';
import { ALREADY_SO, type Decider, event, type Request, reject } from '../decider.js';
import type { TailnetEvent } from '../events.js';
import type { TailnetState } from '../state.js';
import type { Change } from './change.js';
import type { ChangeCommands } from './change-commands.js';
import { findChange, findOpen } from './find-change.js';
import type { Party } from './party.js';
import { partyOf } from './party-of.js';
import { actorOf, mayStill, type Requirement, requirementsOf, validApprovals } from './requirements.js';
import { badEmergency, overrideIdOf } from './review-guard.js';
import { runCommands } from './run-commands.js';
import { badBase } from './stale-base.js';

/**
 * Runs the commands of a change in one append, if all that the rules ask for is there and the change would do what was
 * approved. Each command must be permitted, now, to the proposer or to one of those who approved.
 */
export const applyChange: Decider<ChangeCommands['ApplyChange']> = (state, { changeId, impactDigest }, request) => {
  const found = findChange(state, changeId);
  if ('code' in found) return reject(found);
  if (found.stage === 'applied') return ALREADY_SO;
  const change = findOpen(state, changeId);
  if ('code' in change) return reject(change);
  const { now, emergency } = request;
  const requirements = requirementsOf(state, change, now);
  const overridden = emergency !== undefined && requirements.some(({ missing }) => missing > 0);
  const problem =
    unwilling(state, change, now) ??
    (overridden ? badEmergency(request, emergency) : unapproved(requirements)) ??
    (overridden ? undefined : moved(change, requirements, impactDigest)) ??
    badBase(state, change.commands, change.baseRevision);
  if (problem) return reject(problem);
  const ran = runCommands(state, change.commands, { actors: runners(state, change, request, overridden), now });
  if (!ran.ok) return ran;
  const by = partyOf(request);
  const until = change.lasts === null ? null : now + change.lasts;
  return ok([
    ...ran.value.events,
    event('ChangeApplied', { changeId, impactDigest, events: ran.value.events.length, until, by }),
    ...undoing(state, change),
    ...(overridden ? [overriding(request, changeId, emergency, by)] : []),
  ]);
};

/** A change is its proposer's: it goes no further without them. */
function unwilling(state: TailnetState, change: Change, now: number): Problem | undefined {
  const { baseRevision: _, id: changeId, title, reason, commands, lasts, proposedBy } = change;
  const data = { changeId, title, reason, commands, lasts };
  if (mayStill(state, proposedBy, { type: 'ProposeChange', data }, now)) return undefined;
  return {
    code: 'change.proposer_not_permitted',
    message: `${proposedBy.person ?? proposedBy.id}, who proposed this, may not propose anything any more`,
    hint: 'propose it anew',
  };
}

function unapproved(requirements: readonly Requirement[]): Problem | undefined {
  const missing = requirements.filter((one) => one.missing > 0);
  if (missing.length === 0) return undefined;
  const needs = missing.map(({ rule, missing: n }) => `${n} more ${n === 1 ? 'approval' : 'approvals'} (${rule.role})`);
  return {
    code: 'change.needs_approvals',
    message: `this change needs ${needs.join(' and ')}`,
    hint: 'ask for them: netfold change approve',
  };
}

function moved(
  { impactDigest: approved }: Change,
  requirements: readonly Requirement[],
  digest: string,
): Problem | undefined {
  if (requirements.length === 0 || approved === digest) return undefined;
  return {
    code: 'change.impact_moved',
    message: 'by now this change would do something else than what was approved',
    hint: 'look at it again: netfold change show',
  };
}

/** In whose name the commands run. */
const runners = (
  state: TailnetState,
  change: Change,
  { actor, now }: Request,
  overridden: boolean,
): readonly CommandActor[] => [
  actorOf(change.proposedBy),
  ...validApprovals(state, change, now).map(({ by }) => actorOf(by)),
  ...(overridden ? [actor] : []),
];

/** A change that is undone by this one is over. */
function undoing({ changes }: TailnetState, { id, reverts }: Change): TailnetEvent[] {
  if (!reverts || !('changeId' in reverts)) return [];
  const undone = changes.byId.get(reverts.changeId);
  return undone?.stage === 'applied' ? [event('ChangeReverted', { changeId: undone.id, revertedBy: id })] : [];
}

const overriding = ({ commandId }: Request, changeId: string, reason: string, by: Party): TailnetEvent =>
  event('ReviewOverridden', { overrideId: overrideIdOf(commandId), command: 'ApplyChange', changeId, reason, by });
