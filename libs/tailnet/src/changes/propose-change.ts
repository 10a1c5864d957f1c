import type { Problem } from '#kernel';
import { type Decider, type Decision, record, reject } from '../decider.js';
import { badId, badText } from '../input.js';
import type { TailnetState } from '../state.js';
import type { Change } from './change.js';
import type { ChangeCommands, ProposedCommand } from './change-commands.js';
import { badParty, partyOf } from './party-of.js';
import { isProposable } from './proposable.js';
import { faultIn, readProposedCommand } from './proposed-command.js';
import { runCommands, TRIAL } from './run-commands.js';
import { badBase } from './stale-base.js';

type Proposal = ChangeCommands['ProposeChange'];

const MAX_COMMANDS = 100;
const MAX_OPEN = 200;
const YEAR = 365 * 86_400_000;

/** Anybody who runs a network may propose; who must agree depends on the commands. */
export const proposeChange: Decider<Proposal> = (state, proposal, request) => {
  const { changeId, title, reason, lasts, reverts, baseRevision = state.revision } = proposal;
  const commands = readCommands(proposal.commands);
  if ('code' in commands) return reject(commands);
  const known = state.changes.byId.get(changeId);
  if (known) return repeated(known, commands);
  const problem =
    badParty(request) ??
    badId(changeId, 'changeId') ??
    badTitle(title) ??
    badText(reason, 'reason', 2000) ??
    badSpan(lasts) ??
    tooMany(state) ??
    badBase(state, commands, baseRevision);
  if (problem) return reject(problem);
  const effect = runCommands(state, commands, { actors: TRIAL, now: request.now });
  if (!effect.ok) return effect;
  if (effect.value.events.length === 0) {
    return reject({ code: 'change.no_effect', message: 'all is as these commands want it already' });
  }
  const undone = reverts === undefined ? {} : { reverts };
  return record('ChangeProposed', {
    changeId,
    title,
    reason,
    commands,
    baseRevision,
    lasts,
    ...undone,
    by: partyOf(request),
  });
};

function repeated(known: Change, commands: readonly ProposedCommand[]): Decision {
  const same = known.stage === 'open' && JSON.stringify(known.commands) === JSON.stringify(commands);
  if (same) return { ok: true, value: [] };
  return reject({ code: 'change.id_taken', message: `there is a change ${known.id} already`, where: 'changeId' });
}

function readCommands(given: readonly unknown[]): readonly ProposedCommand[] | Problem {
  if (given.length === 0 || given.length > MAX_COMMANDS) {
    return { code: 'change.bad_size', message: `a change has 1 to ${MAX_COMMANDS} commands`, where: 'commands' };
  }
  const commands: ProposedCommand[] = [];
  for (const [i, value] of given.entries()) {
    const command = readProposedCommand(value);
    if (!command) return badCommand(value, `commands[${i}]`);
    commands.push(command);
  }
  return commands;
}

function badCommand(value: unknown, where: string): Problem {
  const { type: given, data } = (value ?? {}) as { readonly type?: unknown; readonly data?: unknown };
  const type = String(given);
  if (isProposable(type)) {
    const { members, wrong } = faultIn(type, data);
    const what = wrong === undefined ? '' : `: ${wrong} is missing, or is not what it should be`;
    return {
      code: 'change.bad_command',
      message: `this is not what ${type} takes${what}`,
      where: [where, 'data', wrong].filter((part) => part !== undefined).join('.'),
      hint: `write {"type": "${type}", "data": {${members.map((name) => `"${name}": …`).join(', ')}}}`,
    };
  }
  const hint = 'a change is made of what people decide; what gives out a secret, or what a machine does, is not in it';
  return { code: 'change.not_proposable', message: `${type} cannot be part of a change`, where, hint };
}

function badTitle(title: string): Problem | undefined {
  if (title.trim() !== '') return badText(title, 'title', 120);
  return {
    code: 'change.no_title',
    message: 'a change needs a title',
    where: 'title',
    hint: 'say in a few words what for',
  };
}

function badSpan(lasts: number | null): Problem | undefined {
  if (lasts === null || (Number.isSafeInteger(lasts) && lasts > 0 && lasts <= YEAR)) return undefined;
  return { code: 'change.bad_span', message: 'a temporary change lasts at most a year', where: 'lasts' };
}

function tooMany({ changes }: TailnetState): Problem | undefined {
  if (changes.byId.size - changes.ended.length < MAX_OPEN) return undefined;
  const hint = 'apply or withdraw some first';
  return { code: 'change.too_many', message: `${MAX_OPEN} changes are open already`, hint };
}
