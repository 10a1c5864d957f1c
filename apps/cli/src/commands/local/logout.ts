import { Command } from 'commander';
import type { CommandFactory } from '../command.js';
import { agentOf, withSocket } from './agent-option.js';

export const logoutCommand: CommandFactory = (io) =>
  withSocket(new Command('logout'))
    .summary('disconnect this machine and expire its key')
    .description('Disconnects this machine and expires its key: to come back, it must join again.')
    .action(async ({ socket }: { socket?: string }) => {
      await agentOf(io, socket).call('POST /logout', {});
    });
