import { number, oneOf, optional, orNull, type Shapes, text } from '../shape.js';
import type { ProposedCommand, Undone } from './change-commands.js';
import { type Party, party } from './party.js';
import { proposedCommands, undone } from './proposed-command.js';
import { type ReviewRule, reviewRules } from './review-rule.js';

export interface ChangeEvents {
  /** From now on these rules hold, and no others. */
  ReviewRulesChanged: { readonly rules: readonly ReviewRule[] };
  ChangeProposed: {
    readonly changeId: string;
    readonly title: string;
    readonly reason: string;
    readonly commands: readonly ProposedCommand[];
    readonly baseRevision: number;
    readonly lasts: number | null;
    readonly reverts?: Undone;
    readonly by: Party;
  };
  /** A rejection ends the change. */
  ChangeReviewed: {
    readonly changeId: string;
    readonly verdict: 'approve' | 'reject';
    readonly impactDigest: string;
    readonly comment: string;
    readonly by: Party;
  };
  /** The change would do something else by now: no approval counts any more, and nothing is scheduled. */
  ChangeLapsed: { readonly changeId: string; readonly impactDigest: string };
  ChangeScheduled: { readonly changeId: string; readonly at: number | null; readonly by: Party };
  /** Stands right behind the events that the commands caused, in the same append. */
  ChangeApplied: {
    readonly changeId: string;
    readonly impactDigest: string;
    /** How many events before this one are its doing. */
    readonly events: number;
    /** When a temporary change ends, in milliseconds since the Unix epoch; null: it does not. */
    readonly until: number | null;
    readonly by: Party;
  };
  ChangeWithdrawn: { readonly changeId: string; readonly by: Party };
  /** Stands right behind the events that took the change back. */
  ChangeExpired: { readonly changeId: string; readonly events: number };
  ChangeReverted: { readonly changeId: string; readonly revertedBy: string };
  /** What was due was not done: to apply an open change, or to end a temporary one. */
  ChangeFailed: { readonly changeId: string; readonly code: string; readonly message: string };
  /** A rule was set aside in an emergency; it stands right behind what was done. */
  ReviewOverridden: {
    readonly overrideId: string;
    /** The type of the command that no one had approved. */
    readonly command: string;
    readonly changeId?: string;
    readonly reason: string;
    readonly by: Party;
  };
  OverrideAcknowledged: { readonly overrideId: string; readonly by: Party };
}

export const CHANGE_EVENTS: Shapes<ChangeEvents> = {
  ReviewRulesChanged: { rules: reviewRules },
  ChangeProposed: {
    changeId: text,
    title: text,
    reason: text,
    commands: proposedCommands,
    baseRevision: number,
    lasts: orNull(number),
    reverts: optional(undone),
    by: party,
  },
  ChangeReviewed: {
    changeId: text,
    verdict: oneOf('approve', 'reject'),
    impactDigest: text,
    comment: text,
    by: party,
  },
  ChangeLapsed: { changeId: text, impactDigest: text },
  ChangeScheduled: { changeId: text, at: orNull(number), by: party },
  ChangeApplied: { changeId: text, impactDigest: text, events: number, until: orNull(number), by: party },
  ChangeWithdrawn: { changeId: text, by: party },
  ChangeExpired: { changeId: text, events: number },
  ChangeReverted: { changeId: text, revertedBy: text },
  ChangeFailed: { changeId: text, code: text, message: text },
  ReviewOverridden: { overrideId: text, command: text, changeId: optional(text), reason: text, by: party },
  OverrideAcknowledged: { overrideId: text, by: party },
};
