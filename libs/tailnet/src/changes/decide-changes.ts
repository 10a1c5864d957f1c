import { ok } from '#kernel';
import { ALREADY_SO, type Deciders, event, record, reject } from '../decider.js';
import { badDeadline } from '../input.js';
import { applyChange } from './apply-change.js';
import type { ChangeCommands } from './change-commands.js';
import { samePerson } from './evolve-changes.js';
import { findChange, findOpen } from './find-change.js';
import { badParty, partyOf } from './party-of.js';
import { proposeChange } from './propose-change.js';
import { reviewChange } from './review-change.js';
import { runCommands } from './run-commands.js';

export const decideChanges: Deciders<ChangeCommands> = {
  ProposeChange: proposeChange,

  ReviewChange: reviewChange,

  LapseApprovals: (state, { changeId, impactDigest }) => {
    const change = findOpen(state, changeId);
    if ('code' in change) return reject(change);
    if (change.approvals.length === 0 || change.impactDigest === impactDigest) return ALREADY_SO;
    return record('ChangeLapsed', { changeId, impactDigest });
  },

  ScheduleChange: (state, { changeId, at }, request) => {
    const change = findOpen(state, changeId);
    if ('code' in change) return reject(change);
    if (change.scheduledFor === at) return ALREADY_SO;
    const problem = badDeadline(at, request.now, 'at');
    return problem ? reject(problem) : record('ChangeScheduled', { changeId, at, by: partyOf(request) });
  },

  ApplyChange: applyChange,

  WithdrawChange: (state, { changeId }, request) => {
    const found = findChange(state, changeId);
    if (!('code' in found) && found.stage === 'withdrawn') return ALREADY_SO;
    const change = findOpen(state, changeId);
    if ('code' in change) return reject(change);
    const by = partyOf(request);
    if (samePerson(by, change.proposedBy) || ['owner', 'admin', 'system'].includes(request.standing)) {
      return record('ChangeWithdrawn', { changeId, by });
    }
    const message = 'a change is withdrawn by whoever proposed it, or by an owner or admin';
    return reject({ code: 'change.withdrawal_not_permitted', message, hint: 'reject it: netfold change reject' });
  },

  ExpireChange: (state, { changeId, commands }, { now, actor }) => {
    const change = findChange(state, changeId);
    if ('code' in change) return reject(change);
    if (change.stage === 'expired') return ALREADY_SO;
    const until = change.stage === 'applied' ? (change.applied?.until ?? null) : null;
    if (until === null || until > now) {
      return reject({ code: 'change.not_due', message: `the change ${changeId} does not end now` });
    }
    const ran = runCommands(state, commands, { actors: [actor], now });
    if (!ran.ok) return ran;
    const { events } = ran.value;
    return ok([...events, event('ChangeExpired', { changeId, events: events.length })]);
  },

  FailChange: (state, { changeId, stage, code, message }) => {
    const change = findChange(state, changeId);
    if ('code' in change) return reject(change);
    // It may have gone on in the meantime: then it has not failed.
    const due = change.stage === stage && (stage === 'open' || change.applied?.until !== null);
    return due ? record('ChangeFailed', { changeId, code, message }) : ALREADY_SO;
  },

  AcknowledgeOverride: (state, { overrideId }, request) => {
    const override = state.changes.overrides.get(overrideId);
    if (!override) {
      return reject({ code: 'override.unknown', message: `nothing waits to be acknowledged as ${overrideId}` });
    }
    const by = partyOf(request);
    const problem = badParty(request);
    if (problem) return reject(problem);
    if (!samePerson(by, override.by)) return record('OverrideAcknowledged', { overrideId, by });
    const message = 'an emergency is acknowledged by somebody else than who declared it';
    return reject({ code: 'override.own_not_permitted', message, hint: 'ask another admin, or an auditor' });
  },
};
