import { Command } from 'commander';
import type { Io } from '../../output/io.js';
import { type AdminOptions, adminOf, withAdmin } from '../admin/admin-option.js';
import { type CommandFactory, examples } from '../command.js';
import { type Proposed, printProposed } from './send-proposal.js';

interface RevertOptions extends AdminOptions {
  readonly title?: string;
}

export const revertCommand: CommandFactory = (io) => {
  const command = withAdmin(new Command('revert'))
    .summary('propose what takes back an event or a change')
    .description(
      'Proposes the commands that take back what one event of the ledger did, or a whole change. What later events\n' +
        'depend on is not taken back: the answer names them.',
    )
    .argument('<what>', 'a revision of the ledger, or the id of a change')
    .option('--title <text>', 'what for, in a few words');
  examples(
    command,
    ['netfold revert 1234', 'what the event of revision 1234 did'],
    ['netfold revert c3f9a01c2de', 'a change'],
  );
  return command.action((what: string, options: RevertOptions) => revert(io, what, options));
};

/** `netfold change revert` */
export const revertChange: CommandFactory = (io) =>
  withAdmin(new Command('revert'))
    .summary('propose what takes a change back')
    .argument('<change>', 'its id')
    .option('--title <text>', 'what for, in a few words')
    .action((id: string, options: RevertOptions) => revert(io, id, options));

async function revert(io: Io, what: string, options: RevertOptions): Promise<void> {
  const { title, reason } = options;
  const admin = adminOf(io, options);
  const undone = /^\d{1,15}$/.test(what) ? { revision: Number(what) } : { changeId: what };
  const body = { ...undone, ...(title !== undefined && { title }), ...(reason !== undefined && { reason }) };
  await printProposed(io, admin, options, await admin.call<Proposed>('POST /reverts', { body }));
}
