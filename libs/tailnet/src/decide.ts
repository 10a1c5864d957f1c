import { ok } from '#kernel';
import { authorise } from './authorise.js';
import type { ChangeCommands } from './changes/change-commands.js';
import { decideChanges } from './changes/decide-changes.js';
import { overridden, refuseUnreviewed } from './changes/review-guard.js';
import type { CommandEnvelope, TailnetCommand } from './commands.js';
import { decidePlain, isPlain, type PlainCommand } from './decide-plain.js';
import { ALREADY_SO, type Decision, type Request, reject } from './decider.js';
import type { TailnetState } from './state.js';

/**
 * What a command does to the tailnet: the events to append at the end of its stream, all of them or none. A command
 * whose id has been carried out already does nothing more.
 */
export function decide(state: TailnetState, envelope: CommandEnvelope): Decision {
  if (state.outcomes.revisionOf(envelope.id) !== undefined) return ALREADY_SO;
  if (state.outcomes.contradict(envelope.id)) {
    return reject({
      code: 'command.id_reused',
      message: 'this id was used for another command',
      hint: 'choose a new one',
    });
  }
  const { id: commandId, command, expectedRevision, emergency, now, actor } = envelope;
  if (!isPlain(command) && !Object.hasOwn(decideChanges, command.type)) {
    return reject({ code: 'command.unknown', message: `there is no command ${command.type}` });
  }
  if (!state.tailnet && command.type !== 'CreateTailnet') {
    return reject({ code: 'tailnet.unknown', message: 'there is no such tailnet', hint: 'create it first' });
  }
  if (expectedRevision !== undefined && expectedRevision !== state.revision) {
    return reject({
      code: 'tailnet.stale_revision',
      message: `the tailnet is at revision ${state.revision}, not ${expectedRevision}`,
      hint: 'look at what has changed since and try again',
    });
  }
  const authority = authorise(state, envelope);
  if (!authority.ok) return authority;
  const request: Request = { now, actor, ...authority.value, commandId, emergency };
  return isPlain(command) ? decideReviewed(state, command, request) : decideChange(state, command, request);
}

/** Runs a command unless it needs the approval of others; in an emergency it is run, and recorded as one. */
function decideReviewed(state: TailnetState, command: PlainCommand, request: Request): Decision {
  const problem = refuseUnreviewed(state, command.type, request);
  if (problem) return reject(problem);
  const decision = decidePlain(state, command, request);
  return decision.ok ? ok([...decision.value, ...overridden(state, command.type, request, decision.value)]) : decision;
}

const decideChange = <T extends keyof ChangeCommands>(
  state: TailnetState,
  command: Exclude<TailnetCommand, PlainCommand> & { readonly type: T; readonly data: ChangeCommands[T] },
  request: Request,
): Decision => decideChanges[command.type as T](state, command.data, request);
