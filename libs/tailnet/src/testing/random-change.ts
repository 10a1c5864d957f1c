import { GRANTS } from '../authorise.js';
import type { Change } from '../changes/change.js';
import { isProposable } from '../changes/proposable.js';
import { readProposedCommand } from '../changes/proposed-command.js';
import { requirementsOf } from '../changes/requirements.js';
import type { ReviewRule } from '../changes/review-rule.js';
import type { CommandActor, CommandType, TailnetCommand } from '../commands.js';
import { decide } from '../decide.js';
import type { User } from '../users/user.js';
import { bySystem, type Chosen, entry, type Maker, pick, type Situation } from './situation.js';
import { theSystem } from './tailnet-builder.js';

const HOUR = 3_600_000;

const RULES: readonly ReviewRule[] = [
  { commands: ['PublishAcl', 'ApproveRoute'], approvals: 1, role: 'network-admin' },
  { commands: ['ConfigureDns'], approvals: 1, role: 'admin' },
];

/** People who may use this command, and one of them acts. */
function someone({ state, b }: Situation, type: CommandType, but?: string): CommandActor | undefined {
  const may = ({ id, role, suspended }: User) => id !== but && !suspended && GRANTS[type][role] === 'any';
  const user = entry(state.users.filter(may), b);
  return user && { kind: 'user', id: user.id };
}

function change({ state, a }: Situation, which: (change: Change) => boolean): Change | undefined {
  return entry(state.changes.byId.filter(which), a);
}

const isOpen = ({ stage }: Change): boolean => stage === 'open';

const onChange =
  (which: (change: Change, situation: Situation) => boolean, make: (change: Change, situation: Situation) => Chosen) =>
  (situation: Situation): Chosen | undefined => {
    const found = change(situation, (one) => which(one, situation));
    return found && make(found, situation);
  };

/** How to make the commands around changes; what is proposed is what the other makers make. */
export const changeMakers = (others: readonly Maker[]) =>
  ({
    setRules: ({ state, b }) => {
      const owners = state.users.filter(({ role, suspended }) => !suspended && ['owner', 'admin'].includes(role));
      return owners.size > 2 ? bySystem('SetReviewRules', { rules: RULES.slice(b % 3) }) : undefined;
    },
    propose: (situation) => {
      const { a, b, c, serial } = situation;
      const chosen = [pick(others, a), ...(c % 3 ? [] : [pick(others, a + 1)])];
      const commands = chosen
        .map((make) => make(situation)?.command)
        .filter((command): command is TailnetCommand => command !== undefined && isProposable(command.type))
        .map(readProposedCommand)
        .filter((command) => command !== undefined);
      const actor = someone(situation, 'ProposeChange');
      const undone = change(situation, ({ stage }) => stage === 'applied');
      if (!actor || commands.length === 0) return undefined;
      const command: TailnetCommand<'ProposeChange'> = {
        type: 'ProposeChange',
        data: {
          changeId: `change_${serial}`,
          title: 'a change',
          reason: '',
          commands,
          lasts: b % 3 ? null : (1 + (b % 9)) * HOUR,
          ...(undone && c % 2 && { reverts: { changeId: undone.id } }),
        },
      };
      return { command, actor };
    },
    review: (situation) => {
      const found = change(situation, isOpen);
      const actor = found && someone(situation, 'ReviewChange', found.proposedBy.person);
      if (!actor) return undefined;
      const { b, c } = situation;
      const impactDigest = c % 5 ? (found.impactDigest ?? 'impact 0') : `impact ${b % 3}`;
      const verdict = c % 7 ? 'approve' : 'reject';
      const data = { changeId: found.id, verdict, impactDigest, comment: c % 2 ? 'fine' : '' } as const;
      return { command: { type: 'ReviewChange', data }, actor };
    },
    lapse: onChange(isOpen, ({ id }, { b }) =>
      bySystem('LapseApprovals', { changeId: id, impactDigest: `impact ${b % 3}` }),
    ),
    schedule: onChange(isOpen, ({ id }, { b, now }) =>
      bySystem('ScheduleChange', { changeId: id, at: b % 4 ? now + HOUR * (1 + (b % 30)) : null }),
    ),
    apply: onChange(
      (one, { state, now }) => isOpen(one) && requirementsOf(state, one, now).every(({ missing }) => missing === 0),
      ({ id, impactDigest = '' }, { state, now }) => {
        const apply = bySystem('ApplyChange', { changeId: id, impactDigest });
        const decision = decide(state, { id: 'trial', now, ...apply });
        if (decision.ok) return apply;
        return bySystem('FailChange', {
          changeId: id,
          stage: 'open',
          code: decision.error.code,
          message: decision.error.message,
        });
      },
    ),
    withdraw: onChange(isOpen, ({ id }) => bySystem('WithdrawChange', { changeId: id })),
    expireChange: onChange(
      ({ applied }, { now }) => (applied?.until ?? Number.POSITIVE_INFINITY) <= now,
      ({ id }) => bySystem('ExpireChange', { changeId: id, commands: [] }),
    ),
    fail: onChange(
      (one) => isOpen(one) || typeof one.applied?.until === 'number',
      ({ id, stage }) =>
        bySystem('FailChange', {
          changeId: id,
          stage: stage === 'open' ? stage : 'applied',
          code: 'node.unknown',
          message: 'it is gone',
        }),
    ),
    override: (situation) => {
      const command = pick(others, situation.a)(situation)?.command;
      const actor = someone(situation, 'SetReviewRules');
      return command && actor && isProposable(command.type) ? { command, actor, emergency: 'it burns' } : undefined;
    },
    acknowledge: (situation) => {
      const found = entry(situation.state.changes.overrides, situation.a);
      if (!found) return undefined;
      const actor = someone(situation, 'AcknowledgeOverride', found.by.person) ?? theSystem;
      return { command: { type: 'AcknowledgeOverride', data: { overrideId: found.id } }, actor };
    },
  }) satisfies Record<string, Maker>;
