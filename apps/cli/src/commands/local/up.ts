import { Command, Option } from 'commander';
import { NetfoldError } from '#kernel';
import type { UpRequest } from '../../../../agent/src/local-api/messages.js';
import type { Status } from '../../../../agent/src/local-api/status.js';
import { readSecret } from '../../input/read-secret.js';
import { print, printJson } from '../../output/io.js';
import { type CommandFactory, examples } from '../command.js';
import { agentOf, withSocket } from './agent-option.js';
import { killSwitchOption } from './kill-switch-option.js';
import { list } from './list-option.js';
import { signIn } from './sign-in.js';

interface UpOptions extends Omit<UpRequest, 'serverUrl'> {
  readonly server?: string;
  readonly authKeyFile?: string;
  readonly socket?: string;
  readonly json?: boolean;
}

export const upCommand: CommandFactory = (io) => {
  const command = new Command('up')
    .summary('connect this machine to the network')
    .description(
      'Connects this machine to the network, and joins it first when it is not a member.\n' +
        'Settings that are not named keep their values from the last time.',
    )
    .addOption(
      new Option('--server <url>', 'the control plane, such as https://netfold.example.com').env('NETFOLD_SERVER'),
    )
    .option('--auth-key <key>', 'let in by this key; others on this machine may see it, so prefer the next one')
    .option('--auth-key-file <file>', 'read the key from a file, or from standard input for - (also: NETFOLD_AUTH_KEY)')
    .option(
      '--ledger-key <key>',
      'the key that the ledger must be signed with (default: the one that the server names)',
    )
    .option('--hostname <name>', 'the name to ask for (default: the name of the machine)')
    .option(
      '--advertise-routes <cidrs>',
      'subnets that this machine offers to route, separated by commas; "" for none',
      list,
    )
    .option('--advertise-exit-node', 'offer to route everything to the internet')
    .option('--no-advertise-exit-node', 'stop to')
    .option('--advertise-tags <tags>', 'tags to join with, such as tag:web,tag:prod', list)
    .option('--accept-routes', 'use the subnets that other nodes route')
    .option('--no-accept-routes', 'do not')
    .option('--accept-dns', 'find names as the network says (the default)')
    .option('--no-accept-dns', 'leave how this machine finds names alone')
    .option('--exit-node <node>', 'send traffic to the internet through this node (name or address); "" for none')
    .option('--exit-node-allow-lan-access', 'keep this machine’s own networks in reach while an exit node is used')
    .option('--no-exit-node-allow-lan-access', 'do not (the default)')
    .addOption(killSwitchOption())
    .option('--snat-subnet-routes', 'let hosts behind this machine see its address as the sender’s (the default)')
    .option('--no-snat-subnet-routes', 'let them see who really sends: they need a route back to 100.64.0.0/10')
    .option('--userspace', 'without an interface of the host; needs no root')
    .option('--no-userspace', 'with one')
    .option('--tun <name>', 'the name of the interface (default: netfold0)')
    .option('--json', 'print the status that results, as JSON');
  examples(
    withSocket(command),
    ['netfold up --server https://netfold.example.com', 'join: prints a link to sign in with'],
    ['netfold up --server https://netfold.example.com --auth-key-file key', 'join with a key from a file'],
    ['pass show netfold | netfold up --auth-key-file -', 'or from a password manager'],
    ['netfold up --advertise-routes 192.168.1.0/24', 'offer a subnet; an admin approves it'],
    ['netfold up --accept-routes', 'reach the subnets of others'],
  );
  return command.action(async ({ server, authKeyFile, socket, json, ...settings }: UpOptions) => {
    const authKey = await authKeyOf(settings.authKey, authKeyFile);
    const request: UpRequest = { ...settings, ...(server && { serverUrl: server }), ...(authKey && { authKey }) };
    const agent = agentOf(io, socket);
    const status = await agent.call<Status>('POST /up', request).catch((error) => {
      if (!(error instanceof NetfoldError) || error.code !== 'agent.needs_login') throw error;
      return signIn(io, agent, request);
    });
    if (json) printJson(io, status);
    else print(io, ...outcome(status));
  });

  async function authKeyOf(key: string | undefined, file: string | undefined): Promise<string | undefined> {
    if (key !== undefined && file !== undefined) {
      const hint = 'name one of --auth-key and --auth-key-file';
      throw new NetfoldError({ code: 'cli.usage', message: 'there are two auth keys', where: '--auth-key', hint });
    }
    return file === undefined ? (key ?? io.env.NETFOLD_AUTH_KEY) : readSecret(io, file, '--auth-key-file');
  }
};

const outcome = ({ BackendState, Self, Ledger, Health: rest }: Status): string[] => {
  const Health = [
    ...(Ledger.Alarm ? [`ALARM: ${Ledger.Alarm.Message}; see: netfold status`] : []),
    ...(Self?.NameTaken
      ? [`The name ${Self.NameTaken} belongs to another machine: this one is ${Self.HostName}.`]
      : []),
    ...rest,
  ];
  if (BackendState !== 'NeedsMachineAuth') return ['Success.', ...Health];
  return [
    `This machine has asked to join. An admin lets it in with: netfold node approve ${Self?.HostName}`,
    ...Health,
  ];
};
