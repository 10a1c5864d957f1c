import { ok, type Result } from '#kernel';
import { type Authority, authorise } from '../authorise.js';
import type { CommandActor } from '../commands.js';
import { decidePlain } from '../decide-plain.js';
import { type Decision, type Rejection, type Request, reject } from '../decider.js';
import type { TailnetEvent } from '../events.js';
import { evolve } from '../evolve.js';
import type { TailnetState } from '../state.js';
import type { ProposedCommand } from './change-commands.js';

/** Runs commands to see what they would do, whoever may. */
export const TRIAL: readonly CommandActor[] = [{ kind: 'system', id: 'trial' }];

/** What commands cause, and the tailnet after it. */
export interface Ran {
  readonly events: readonly TailnetEvent[];
  readonly state: TailnetState;
}

/** In whose name commands run, one after the other: each in that of the first who may. */
export interface Runners {
  readonly actors: readonly CommandActor[];
  readonly now: number;
}

/**
 * The events of all these commands, each decided on what the ones before it produced; or why one of them, and so all of
 * them, cannot be run. What somebody may do is decided on the tailnet as it is now, not as the commands make it.
 */
export function runCommands(
  start: TailnetState,
  commands: readonly ProposedCommand[],
  { actors, now }: Runners,
): Result<Ran, Rejection> {
  const events: TailnetEvent[] = [];
  let state = start;
  for (const [i, command] of commands.entries()) {
    const decision = decideFor(start, state, command, actors, now);
    if (!decision.ok) return reject(notApplicable(decision.error, i, command.type));
    for (const event of decision.value) {
      events.push(event);
      state = evolve(state, event, { revision: state.revision + 1, recordedAt: now, commandId: '' });
    }
  }
  return ok({ events, state });
}

function decideFor(
  start: TailnetState,
  state: TailnetState,
  command: ProposedCommand,
  actors: readonly CommandActor[],
  now: number,
): Decision {
  let refusal: Rejection | undefined;
  for (const actor of actors) {
    const authority = authorise(start, { id: '', now, actor, command });
    const decision = authority.ok ? decidePlain(state, command, requestOf(actor, authority.value, now)) : authority;
    if (decision.ok) return decision;
    // What is wrong with the command itself says more than who may not run it.
    if (!refusal || refusal.code.startsWith('auth.')) refusal = decision.error;
  }
  return reject(refusal ?? { code: 'auth.forbidden', message: 'nobody is there to run it' });
}

const requestOf = (actor: CommandActor, authority: Authority, now: number): Request => ({
  now,
  actor,
  ...authority,
  commandId: '',
  emergency: undefined,
});

const notApplicable = (rejection: Rejection, i: number, type: string): Rejection => ({
  ...rejection,
  message: `command ${i + 1} (${type}): ${rejection.message}`,
  where: [`commands[${i}]`, ...(rejection.where === undefined ? [] : [rejection.where])].join('.'),
});
