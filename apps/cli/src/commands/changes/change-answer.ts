import type { ImpactView } from '../admin/impact-lines.js';

interface Party {
  readonly name: string;
}

interface Approval {
  readonly by: Party;
  readonly comment: string;
  readonly at: number;
}

/** A change in a list, as the control plane tells of it. Times are milliseconds since the Unix epoch. */
export interface ListedChange {
  readonly id: string;
  readonly title: string;
  readonly reason: string;
  readonly stage: 'open' | 'applied' | 'rejected' | 'withdrawn' | 'failed' | 'expired' | 'reverted';
  readonly proposedBy: Party;
  readonly proposedAt: number;
  readonly revision: number;
  readonly approvals: readonly Approval[];
  readonly requirements: readonly Requirement[];
  readonly ready: boolean;
  readonly lapsed: { readonly approvals: readonly Approval[]; readonly revision: number } | null;
  readonly scheduledFor: number | null;
  readonly lasts: number | null;
  readonly applied: { readonly first: number; readonly last: number; readonly at: number; readonly by: Party } | null;
  readonly until: number | null;
  readonly end: { readonly at: number; readonly by: Party | null; readonly why: string } | null;
  /** In a list: why it would not run now. */
  readonly problem?: { readonly code: string; readonly message: string } | null;
  /** In a list: whether it would do something else now than what was approved. */
  readonly moved?: boolean;
}

export interface Requirement {
  readonly role: string;
  readonly needed: number;
  readonly missing: number;
  readonly by: readonly string[];
}

export interface Change extends ListedChange {
  readonly baseRevision: number;
  readonly commands: readonly { readonly type: string; readonly data: unknown; readonly text: string }[];
}

/** A change, and what it would do now. */
export interface ShownChange {
  readonly revision: number;
  readonly change: Change;
  readonly impact: (ImpactView & { readonly digest: string }) | null;
  readonly problem: { readonly code: string; readonly message: string; readonly hint?: string } | null;
  readonly sinceApproved: { readonly added: readonly string[]; readonly gone: readonly string[] } | null;
}

/** A rule that was set aside in an emergency. */
export interface Override {
  readonly id: string;
  readonly command: string;
  readonly changeId?: string;
  readonly reason: string;
  readonly by: Party;
  readonly at: number;
}
