import { Command } from 'commander';
import type { Changed } from '../../admin/admin-client.js';
import { type Io, remark } from '../../output/io.js';
import { type AdminOptions, adminOf, segment, span, withAdmin } from '../admin/admin-option.js';
import { type CommandFactory, examples } from '../command.js';
import { number } from '../number-option.js';
import type { ShownChange } from './change-answer.js';
import { type CommandOptions, proposedCommands } from './proposed-commands.js';
import { printProposed, sendProposal } from './send-proposal.js';

interface ProposeOptions extends AdminOptions, CommandOptions {
  readonly title: string;
  readonly expires?: number | null;
  readonly base?: number;
  readonly merge?: boolean;
}

export const proposeChange: CommandFactory = (io) => {
  const command = withAdmin(new Command('propose'))
    .summary('propose commands instead of running them')
    .description(
      'Proposes commands that are applied together or not at all, and shows what they would do. Machines and people are\n' +
        'named by name or id.',
    )
    .requiredOption('--title <text>', 'what for, in a few words')
    .option('--policy <file>', 'publish this policy; - for standard input')
    .option('--approve-route <machine prefix...>', 'approve a route; more pairs may follow')
    .option('--revoke-route <machine prefix...>', 'revoke a route')
    .option('--commands <file>', 'commands as a JSON list of {"type", "data"}; - for standard input')
    .option('--expires <span>', 'take it back by itself, so long after it was applied: 90m, 8h, 2d', span)
    .option('--base <revision>', 'where your edit of the policy began', number)
    .option('--merge', 'when somebody has edited the policy since, propose both edits together');
  examples(
    command,
    ['netfold change propose --title "open 443" --policy policy.hujson', 'a policy'],
    ['netfold change propose --title office --approve-route gw 10.0.0.0/8 --expires 8h', 'a route, for a day of work'],
    ['netfold change propose --title retag --commands tags.json', 'anything'],
  );
  return command.action((options: ProposeOptions) => propose(io, options));
};

async function propose(io: Io, options: ProposeOptions): Promise<void> {
  const { title, reason, expires, base, merge } = options;
  const admin = adminOf(io, options);
  const commands = await proposedCommands(io, options);
  const body = {
    title,
    commands,
    ...(reason !== undefined && { reason }),
    ...(expires !== undefined && { lasts: expires }),
    ...(base !== undefined && { baseRevision: base }),
  };
  await printProposed(io, admin, options, await sendProposal(io, admin, body, merge === true));
}

export const renewChange: CommandFactory = (io) =>
  withAdmin(new Command('renew'))
    .summary('propose a change again, its policy merged with what was published since')
    .description(
      'Proposes the same again, with the policy as it is now beside what the change edits, and withdraws the old one.',
    )
    .argument('<change>', 'its id')
    .action(async (id: string, options: AdminOptions) => {
      const admin = adminOf(io, options);
      const { change } = await admin.call<ShownChange>(`GET /changes/${segment(id)}`);
      const { title, reason, lasts, baseRevision } = change;
      const commands = change.commands.map(({ type, data }) => ({ type, data }));
      const answer = await sendProposal(io, admin, { title, reason, lasts, baseRevision, commands }, true);
      if (change.stage === 'open') {
        await admin.call<Changed>(`POST /changes/${segment(id)}/withdraw`);
        remark(io, `# ${id} is withdrawn`);
      }
      await printProposed(io, admin, options, answer);
    });
