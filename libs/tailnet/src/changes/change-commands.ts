import type { PlainCommands } from '../plain-commands.js';
import type { ProposableType } from './proposable.js';

/** A command as part of a change. */
export type ProposedCommand<T extends ProposableType = ProposableType> = {
  [K in T]: { readonly type: K; readonly data: PlainCommands[K] };
}[T];

/** What a change undoes: a whole change, or what one event did. */
export type Undone = { readonly changeId: string } | { readonly revision: number };

export interface ChangeCommands {
  ProposeChange: {
    readonly changeId: string;
    readonly title: string;
    readonly reason: string;
    /** Applied in this order, all or none. */
    readonly commands: readonly ProposedCommand[];
    /** What the proposer had before their eyes; the present revision when absent. */
    readonly baseRevision?: number;
    /** For how many milliseconds the change holds once applied; null: for good. */
    readonly lasts: number | null;
    readonly reverts?: Undone;
  };
  /** Approves, or refuses for good. */
  ReviewChange: {
    readonly changeId: string;
    readonly verdict: 'approve' | 'reject';
    /** Of the impact that the reviewer has seen, at the expected revision. */
    readonly impactDigest: string;
    readonly comment: string;
  };
  /** Notes that a change would not do any more what was approved; the approvals are worth nothing then. */
  LapseApprovals: { readonly changeId: string; readonly impactDigest: string };
  /** Null: not at any time by itself. */
  ScheduleChange: { readonly changeId: string; readonly at: number | null };
  ApplyChange: {
    readonly changeId: string;
    /** Of what the change does at the expected revision. */
    readonly impactDigest: string;
  };
  WithdrawChange: { readonly changeId: string };
  /** Ends a temporary change, by the commands that take back what is left of it. */
  ExpireChange: { readonly changeId: string; readonly commands: readonly ProposedCommand[] };
  /** Notes that what was due could not be done, and why: to apply an open change, or to take an applied one back. */
  FailChange: {
    readonly changeId: string;
    readonly stage: 'open' | 'applied';
    readonly code: string;
    readonly message: string;
  };
  /** Someone has seen that a rule was overridden in an emergency. */
  AcknowledgeOverride: { readonly overrideId: string };
}
