import { Map as PersistentMap } from 'immutable';
import type { ProposedCommand, Undone } from './change-commands.js';
import type { Party } from './party.js';
import type { ReviewRule } from './review-rule.js';

/**
 * `open`: waits for approvals, a time, or for someone to apply it; `applied`, and perhaps to be taken back at its time;
 * the others are ends.
 */
export type ChangeStage = 'open' | 'applied' | 'rejected' | 'withdrawn' | 'failed' | 'expired' | 'reverted';

export interface Approval {
  readonly by: Party;
  readonly comment: string;
  /** Where the reviewer stood when they saw the impact. */
  readonly revision: number;
  readonly at: number;
}

/** Commands that were proposed to be run together, and what has become of them. Times are milliseconds since the epoch. */
export interface Change {
  readonly id: string;
  readonly title: string;
  readonly reason: string;
  /** None once the change has ended: the ledger has them, at `revision`. */
  readonly commands: readonly ProposedCommand[];
  /** Of the event that proposed it. */
  readonly revision: number;
  readonly baseRevision: number;
  readonly proposedBy: Party;
  readonly proposedAt: number;
  readonly lasts: number | null;
  readonly reverts?: Undone | undefined;
  readonly stage: ChangeStage;
  /** One a person, and all of the same impact. */
  readonly approvals: readonly Approval[];
  /** What the approvals are about. */
  readonly impactDigest?: string | undefined;
  /** The approvals that counted until the impact was another, the last time that this happened. */
  readonly lapsed?: { readonly approvals: readonly Approval[]; readonly revision: number } | undefined;
  readonly scheduledFor: number | null;
  readonly applied?: Application | undefined;
  /** How it ended, or went wrong. */
  readonly end?:
    | { readonly at: number; readonly revision: number; readonly by?: Party; readonly why?: string }
    | undefined;
}

export interface Application {
  /** The revisions of the first and the last event that the commands caused; none when the last comes first. */
  readonly first: number;
  readonly last: number;
  readonly at: number;
  readonly by: Party;
  /** When it is to be taken back; null: it is not, or it could not be. */
  readonly until: number | null;
}

/** A rule that was set aside in an emergency, and that nobody else has taken note of yet. */
export interface Override {
  readonly id: string;
  readonly command: string;
  readonly changeId?: string | undefined;
  readonly reason: string;
  readonly by: Party;
  readonly at: number;
  readonly revision: number;
}

export interface ChangesState {
  readonly rules: readonly ReviewRule[];
  /** All that may still come to something, and the last of those that have ended. */
  readonly byId: PersistentMap<string, Change>;
  /** The ids of those that have ended, the oldest first. */
  readonly ended: readonly string[];
  readonly overrides: PersistentMap<string, Override>;
}

export const NO_CHANGES: ChangesState = {
  rules: [],
  byId: PersistentMap(),
  ended: [],
  overrides: PersistentMap(),
};
