import type { EventMeta } from '../events.js';
import type { Evolvers } from '../evolver.js';
import type { TailnetState } from '../state.js';
import type { Change, ChangeStage, ChangesState } from './change.js';
import type { ChangeEvents } from './change-events.js';
import type { Party } from './party.js';

/** How many ended changes are remembered; the ledger has them all. */
const REMEMBERED = 200;

export const evolveChanges: Evolvers<ChangeEvents> = {
  ReviewRulesChanged: (state, { rules }) => ({ ...state, changes: { ...state.changes, rules } }),

  ChangeProposed: (state, data, { revision, recordedAt }) =>
    put(state, {
      id: data.changeId,
      title: data.title,
      reason: data.reason,
      commands: data.commands,
      revision,
      baseRevision: data.baseRevision,
      proposedBy: data.by,
      proposedAt: recordedAt,
      lasts: data.lasts,
      reverts: data.reverts,
      stage: 'open',
      approvals: [],
      scheduledFor: null,
    }),

  ChangeReviewed: (state, { changeId, verdict, impactDigest, comment, by }, meta) => {
    if (verdict === 'reject') return end(state, changeId, 'rejected', meta, { by, ...(comment && { why: comment }) });
    return alter(state, changeId, ({ approvals }) => ({
      impactDigest,
      approvals: [
        ...approvals.filter(({ by: other }) => !samePerson(other, by)),
        // The reviewer saw the impact at the revision before this event.
        { by, comment, revision: meta.revision - 1, at: meta.recordedAt },
      ],
    }));
  },

  ChangeLapsed: (state, { changeId, impactDigest }, { revision }) =>
    alter(state, changeId, ({ approvals }) => ({
      approvals: [],
      impactDigest,
      lapsed: { approvals, revision },
      scheduledFor: null,
    })),

  ChangeScheduled: (state, { changeId, at }) => alter(state, changeId, () => ({ scheduledFor: at })),

  ChangeApplied: (state, { changeId, events, until, by }, meta) => {
    const { revision, recordedAt } = meta;
    const applied = { first: revision - events, last: revision - 1, at: recordedAt, by, until };
    const next = alter(state, changeId, () => ({ stage: 'applied', applied, scheduledFor: null }));
    return until === null ? finish(next, changeId) : next;
  },

  ChangeWithdrawn: (state, { changeId, by }, meta) => end(state, changeId, 'withdrawn', meta, { by }),

  ChangeExpired: (state, { changeId }, meta) => end(state, changeId, 'expired', meta, {}),

  ChangeReverted: (state, { changeId, revertedBy }, meta) =>
    end(state, changeId, 'reverted', meta, { why: revertedBy }),

  ChangeFailed: (state, { changeId, message }, meta) => {
    const change = state.changes.byId.get(changeId);
    return end(state, changeId, change?.applied ? 'applied' : 'failed', meta, { why: message });
  },

  ReviewOverridden: (state, { overrideId: id, command, changeId, reason, by }, { revision, recordedAt }) => {
    const override = { id, command, changeId, reason, by, at: recordedAt, revision };
    return { ...state, changes: { ...state.changes, overrides: state.changes.overrides.set(id, override) } };
  },

  OverrideAcknowledged: (state, { overrideId }) => ({
    ...state,
    changes: { ...state.changes, overrides: state.changes.overrides.delete(overrideId) },
  }),
};

export const samePerson = (a: Party, b: Party): boolean =>
  a.person !== undefined || b.person !== undefined ? a.person === b.person : a.kind === b.kind && a.id === b.id;

const put = (state: TailnetState, change: Change): TailnetState => ({
  ...state,
  changes: { ...state.changes, byId: state.changes.byId.set(change.id, change) },
});

function alter(state: TailnetState, changeId: string, by: (change: Change) => Partial<Change>): TailnetState {
  const change = state.changes.byId.get(changeId);
  return change ? put(state, { ...change, ...by(change) }) : state;
}

function end(
  state: TailnetState,
  changeId: string,
  stage: ChangeStage,
  { revision, recordedAt }: EventMeta,
  how: { readonly by?: Party; readonly why?: string },
): TailnetState {
  const ended = alter(state, changeId, ({ applied }) => ({
    stage,
    scheduledFor: null,
    end: { at: recordedAt, revision, ...how },
    ...(applied && { applied: { ...applied, until: null } }),
  }));
  return finish(ended, changeId);
}

/** Nothing more will come of a change: what it was made of is in the ledger, and in time it is forgotten here. */
function finish(state: TailnetState, changeId: string): TailnetState {
  const next = alter(state, changeId, () => ({ commands: [] }));
  return next === state ? state : { ...next, changes: remember(next.changes, changeId) };
}

function remember(changes: ChangesState, changeId: string): ChangesState {
  if (changes.ended.includes(changeId)) return changes;
  const ended = [...changes.ended, changeId];
  const forgotten = ended.slice(0, -REMEMBERED);
  return { ...changes, ended: ended.slice(-REMEMBERED), byId: changes.byId.deleteAll(forgotten) };
}
