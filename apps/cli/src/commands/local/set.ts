import { Command } from 'commander';
import type { SetAnswer, SetRequest } from '../../../../agent/src/local-api/messages.js';
import { remark } from '../../output/io.js';
import { type CommandFactory, examples } from '../command.js';
import { agentOf, withSocket } from './agent-option.js';
import { killSwitchOption } from './kill-switch-option.js';
import { list } from './list-option.js';

export const setCommand: CommandFactory = (io) => {
  const command = withSocket(new Command('set'))
    .summary('change a setting of this machine')
    .description('Changes settings of this machine while it is connected. What is not named stays as it is.')
    .option('--hostname <name>', 'the name to ask for')
    .option('--advertise-routes <cidrs>', 'subnets that this machine offers to route; "" for none', list)
    .option('--advertise-exit-node', 'offer to route everything to the internet')
    .option('--no-advertise-exit-node', 'stop to')
    .option('--accept-routes', 'use the subnets that other nodes route')
    .option('--no-accept-routes', 'do not')
    .option('--accept-dns', 'find names as the network says (the default)')
    .option('--no-accept-dns', 'leave how this machine finds names alone')
    .option('--exit-node <node>', 'send traffic to the internet through this node (name or address); "" for none')
    .option('--exit-node-allow-lan-access', 'keep this machine’s own networks in reach while an exit node is used')
    .option('--no-exit-node-allow-lan-access', 'do not (the default)')
    .addOption(killSwitchOption())
    .option('--snat-subnet-routes', 'let hosts behind this machine see its address as the sender’s (the default)')
    .option('--no-snat-subnet-routes', 'let them see who really sends: they need a route back to 100.64.0.0/10');
  examples(
    command,
    ['netfold set --hostname build-7', 'another name'],
    ['netfold set --advertise-routes 10.0.0.0/8,192.168.1.0/24', 'exactly these subnets'],
    [
      'netfold set --exit-node gateway --exit-node-allow-lan-access',
      'the internet through gateway, the printer directly',
    ],
  );
  return command.action(async ({ socket, ...settings }: SetRequest & { socket?: string }) => {
    const { Health } = await agentOf(io, socket).call<SetAnswer>('POST /set', settings);
    for (const sentence of Health) remark(io, `# ${sentence}`);
  });
};
