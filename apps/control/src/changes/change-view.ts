import type { Names } from '#history';
import {
  type Approval,
  type Change,
  type ChangeStage,
  type Override,
  type Party,
  type ProposedCommand,
  type Requirement,
  requirementsOf,
  type TailnetState,
  type Undone,
} from '#tailnet';
import { describeCommand } from './describe-command.js';

/** A change as the API shows it. Times are milliseconds since the Unix epoch. */
export interface ChangeView {
  readonly id: string;
  readonly title: string;
  readonly reason: string;
  readonly stage: ChangeStage;
  readonly proposedBy: PartyView;
  readonly proposedAt: number;
  /** Of the event that proposed it. */
  readonly revision: number;
  readonly baseRevision: number;
  readonly commands: readonly (ProposedCommand & { readonly text: string })[];
  readonly approvals: readonly ApprovalView[];
  readonly requirements: readonly RequirementView[];
  /** Whether nothing is missing but that somebody applies it. */
  readonly ready: boolean;
  /** The approvals that counted until the change would have done something else. */
  readonly lapsed: { readonly approvals: readonly ApprovalView[]; readonly revision: number } | null;
  readonly scheduledFor: number | null;
  readonly lasts: number | null;
  readonly reverts: Undone | null;
  readonly applied: {
    readonly first: number;
    readonly last: number;
    readonly at: number;
    readonly by: PartyView;
  } | null;
  /** When it takes itself back. */
  readonly until: number | null;
  readonly end: {
    readonly at: number;
    readonly revision: number;
    readonly by: PartyView | null;
    readonly why: string;
  } | null;
}

/** Somebody: the person, if it is known who that is. */
export interface PartyView {
  readonly kind: Party['kind'];
  readonly id: string;
  readonly name: string;
}

export interface ApprovalView {
  readonly by: PartyView;
  readonly comment: string;
  readonly at: number;
  readonly revision: number;
}

export interface RequirementView {
  readonly role: string;
  readonly needed: number;
  readonly missing: number;
  readonly by: readonly string[];
}

export type OverrideView = Omit<Override, 'by'> & { readonly by: PartyView };

/** @param commands those of a change that has ended, whose own are gone */
export function changeView(
  state: TailnetState,
  names: Names,
  change: Change,
  now: number,
  commands: readonly ProposedCommand[] = change.commands,
): ChangeView {
  const isOpen = change.stage === 'open';
  const requirements = isOpen ? requirementsOf(state, change, now) : [];
  const party = (by: Party): PartyView => partyView(by, names);
  const approval = ({ by, ...rest }: Approval): ApprovalView => ({ by: party(by), ...rest });
  const { id, title, reason, stage, proposedAt, revision, baseRevision, scheduledFor, lasts } = change;
  const { applied, end, lapsed } = change;
  return {
    ...{ id, title, reason, stage, proposedBy: party(change.proposedBy), proposedAt, revision, baseRevision },
    commands: commands.map((command) => ({ ...command, text: describeCommand(command, (one) => names.of(one)) })),
    approvals: change.approvals.map(approval),
    requirements: requirements.map((one) => requirementView(one, names)),
    ready: isOpen && requirements.every(({ missing }) => missing === 0),
    lapsed: lapsed ? { approvals: lapsed.approvals.map(approval), revision: lapsed.revision } : null,
    ...{ scheduledFor, lasts, reverts: change.reverts ?? null },
    applied: applied ? { first: applied.first, last: applied.last, at: applied.at, by: party(applied.by) } : null,
    until: applied?.until ?? null,
    end: end ? { at: end.at, revision: end.revision, by: end.by ? party(end.by) : null, why: end.why ?? '' } : null,
  };
}

const requirementView = ({ rule, missing, approvals }: Requirement, names: Names): RequirementView => ({
  role: rule.role,
  needed: rule.approvals,
  missing,
  by: approvals.map(({ by }) => partyView(by, names).name),
});

export const overrideView = (override: Override, names: Names): OverrideView => ({
  ...override,
  by: partyView(override.by, names),
});

const partyView = ({ kind, id, person }: Party, names: Names): PartyView => ({
  kind,
  id,
  name: kind === 'system' ? 'system' : names.of(person ?? id),
});
