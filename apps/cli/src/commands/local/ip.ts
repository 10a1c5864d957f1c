import { Command } from 'commander';
import { NetfoldError } from '#kernel';
import type { Status } from '../../../../agent/src/local-api/status.js';
import { print, printJson } from '../../output/io.js';
import { type CommandFactory, examples } from '../command.js';
import { agentOf, withSocket } from './agent-option.js';
import { findNode } from './find-node.js';

interface IpOptions {
  readonly 4?: boolean;
  readonly 6?: boolean;
  readonly json?: boolean;
  readonly socket?: string;
}

export const ipCommand: CommandFactory = (io) => {
  const command = withSocket(new Command('ip'))
    .summary('print the addresses of this machine, or of another node')
    .description('Prints the tailnet addresses of this machine, or of the node with this name.')
    .argument('[node]', 'a name or an address')
    .option('-4', 'IPv4 only')
    .option('-6', 'IPv6 only')
    .option('--json', 'print JSON');
  examples(command, ['netfold ip -4', 'the IPv4 address of this machine'], ['netfold ip dev-1', 'both of dev-1']);
  return command.action(async (node: string | undefined, { socket, json, ...family }: IpOptions) => {
    const status = await agentOf(io, socket).call<Status>('GET /status');
    const found = node ? findNode(status, node) : status.Self;
    if (!found) throw notAMember;
    const addresses = found.IPs.filter((ip) => family[4] === family[6] || ip.includes(':') === (family[6] ?? false));
    if (json) printJson(io, addresses);
    else print(io, ...addresses);
  });
};

const notAMember = new NetfoldError({
  code: 'cli.not_a_member',
  message: 'this machine has no address yet',
  hint: 'join first: netfold up --server URL',
});
