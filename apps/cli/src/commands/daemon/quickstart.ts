import { Command } from 'commander';
import type { QuickstartOptions } from '../../quickstart/quickstart.js';
import { type CommandFactory, examples } from '../command.js';

export const quickstartCommand: CommandFactory = (io) => {
  const command = new Command('quickstart')
    .summary('see all of netfold work on this machine')
    .description(
      'Starts a control plane and three agents on this machine, without root, and plays a scenario with them: joining,\n' +
        'pinging, a policy, a key rotation, a route, the ledger. Then the server stays up until Ctrl-C.',
    )
    .option('--once', 'end after the scenario; the exit code says whether every step worked')
    .option('--json', 'print the outcome and the figures of every step as one JSON object, then end');
  examples(
    command,
    ['netfold quickstart', 'watch it'],
    ['netfold quickstart --once --json | jq .steps[].name', 'for programs'],
  );
  return command.action(async (options: QuickstartOptions) => {
    const { quickstart } = await import('../../quickstart/quickstart.js');
    await quickstart(io, options);
  });
};
