import { Command } from 'commander';
import type { CommandFactory } from '../command.js';
import { agentOf, withSocket } from './agent-option.js';

export const downCommand: CommandFactory = (io) =>
  withSocket(new Command('down'))
    .summary('disconnect this machine, which stays a member')
    .description('Disconnects this machine from the network. It stays a member: `netfold up` brings it back.')
    .action(async ({ socket }: { socket?: string }) => {
      await agentOf(io, socket).call('POST /down', {});
    });
