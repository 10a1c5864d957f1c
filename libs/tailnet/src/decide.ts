import { ok } from '#kernel';
import { authorise } from './authorise.js';
import type { CommandData, CommandEnvelope, CommandType, TailnetCommand } from './commands.js';
import { decideCredentials } from './credentials/decide-credentials.js';
import { ALREADY_SO, type Deciders, type Decision, type Request, reject } from './decider.js';
import { decideDns } from './dns/decide-dns.js';
import { decideNodes } from './nodes/decide-nodes.js';
import { decidePolicy } from './policy/decide-policy.js';
import { decideRoutes } from './routes/decide-routes.js';
import { settleApprovals } from './routes/settle-approvals.js';
import type { TailnetState } from './state.js';
import { decideTailnet } from './tailnet/decide-tailnet.js';
import { decideUsers } from './users/decide-users.js';

const DECIDERS: Deciders<CommandData> = {
  ...decideTailnet,
  ...decideUsers,
  ...decideCredentials,
  ...decideNodes,
  ...decideRoutes,
  ...decidePolicy,
  ...decideDns,
};

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
  const { command, expectedRevision, now, actor } = envelope;
  if (!Object.hasOwn(DECIDERS, command.type)) {
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
  const decision = run(state, command, { now, actor, ...authority.value });
  return decision.ok ? ok(settleApprovals(state, decision.value, now)) : decision;
}

const run = <T extends CommandType>(state: TailnetState, command: TailnetCommand<T>, request: Request): Decision =>
  DECIDERS[command.type](state, command.data, request);
