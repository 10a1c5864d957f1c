import { Command } from 'commander';
import { NetfoldError } from '#kernel';
import type { Status } from '../../../../agent/src/local-api/status.js';
import { type Io, printJson } from '../../output/io.js';
import { type CommandFactory, examples } from '../command.js';
import { agentOf, withSocket } from '../local/agent-option.js';
import { adminOf, segment, withQuery } from './admin-option.js';
import { type AtOptions, atQuery, withAt } from './at-option.js';

interface NetmapOptions extends AtOptions {
  readonly socket?: string;
}

export const netmapCommand: CommandFactory = (io) => {
  const command = withAt(withQuery(withSocket(new Command('netmap'))))
    .summary('print a netmap, as JSON')
    .description(
      'Without a machine, prints the netmap that the agent here applied last: its items, revision and digest. With one,\n' +
        'asks the control plane what that machine is told, or was told at another time.',
    )
    .argument('[node]', 'the name or id of a machine');
  examples(
    command,
    ['netfold debug netmap', 'what is in force here'],
    ['netfold debug netmap db-1 --at 2026-11-01T10:00Z', 'what db-1 was told then'],
  );
  return command.action(async (node: string | undefined, options: NetmapOptions) => {
    if (node === undefined && options.at === undefined) {
      return printJson(io, await agentOf(io, options.socket).call('GET /netmap'));
    }
    const name = segment(node ?? (await nameOfThis(io, options)));
    return printJson(io, await adminOf(io, options).call(`GET /nodes/${name}/netmap${atQuery(options)}`));
  });
};

/** The machine that this runs on, as its agent knows it. */
async function nameOfThis(io: Io, { socket }: NetmapOptions): Promise<string> {
  const { Self } = await agentOf(io, socket).call<Status>('GET /status');
  if (Self) return Self.ID;
  throw new NetfoldError({
    code: 'cli.not_a_node',
    message: 'this machine is in no network',
    hint: 'name a machine: netfold debug netmap NODE --at MOMENT',
  });
}
