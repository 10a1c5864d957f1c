import { Command } from 'commander';
import { NetfoldError } from '#kernel';
import type { NodeStatus, Status } from '../../../../agent/src/local-api/status.js';
import { print, printJson } from '../../output/io.js';
import { formatTable } from '../../output/table.js';
import { type CommandFactory, examples } from '../command.js';
import { agentOf, withSocket } from './agent-option.js';
import { nodesOf } from './find-node.js';
import { hostOf, ownerOfAddress } from './owner-of-address.js';

/** The answer, as programs get it. */
interface Whois {
  readonly Node: NodeStatus;
  /** Absent for tagged nodes, which belong to nobody. */
  readonly UserProfile?: { readonly LoginName: string; readonly Groups: readonly string[] };
  /** The subnet of the node that the address is in, when it is not the node's own. */
  readonly Route?: string;
}

export const whoisCommand: CommandFactory = (io) => {
  const command = withSocket(new Command('whois'))
    .summary('show which node and which person an address belongs to')
    .description(
      'Shows the node that has or routes an address, or has a name, and whose it is. A port behind the address, as\n' +
        'programs log it, does not matter. This machine knows only what the network tells it: nodes that it may see,\n' +
        'and groups that its rules speak of.',
    )
    .argument('<node>', 'an address, also with a port, or a name')
    .option('--json', 'print JSON');
  examples(
    command,
    ['netfold whois 100.64.0.2', 'who is this?'],
    ['netfold whois 100.64.0.2:51312', 'as in a log'],
    ['netfold whois --json dev-1 | jq -r .UserProfile.LoginName', 'for programs'],
  );
  return command.action(async (wanted: string, { socket, json }: { socket?: string; json?: boolean }) => {
    const found = find(await agentOf(io, socket).call<Status>('GET /status'), wanted);
    if (json) printJson(io, found);
    else print(io, ...formatTable(facts(found)));
  });
};

function find(status: Status, wanted: string): Whois {
  const nodes = nodesOf(status);
  const { node, route } = ownerOfAddress(nodes, hostOf(wanted)) ?? {};
  if (!node) throw stranger(wanted);
  const { User, Groups } = node;
  return {
    Node: node,
    ...(User !== undefined && { UserProfile: { LoginName: User, Groups } }),
    ...(route !== undefined && { Route: route }),
  };
}

function facts({ Node: node, UserProfile, Route }: Whois): string[][] {
  return [
    ['node', node.HostName],
    ['DNS name', node.DNSName],
    ['id', node.ID],
    ['addresses', node.IPs.join(', ')],
    ...(Route === undefined ? [] : [['routes', Route]]),
    ['system', node.OS || '-'],
    ['user', UserProfile?.LoginName ?? (node.Tags.length > 0 ? 'tagged-devices' : '-')],
    ['groups', UserProfile?.Groups.join(', ') || '-'],
    ['tags', node.Tags.join(', ') || '-'],
  ];
}

const stranger = (wanted: string): NetfoldError =>
  new NetfoldError({
    code: 'cli.no_such_node',
    message: `no node that this machine may see has or routes ${JSON.stringify(wanted)}`,
    hint: 'see the nodes that it knows with: netfold status',
  });
