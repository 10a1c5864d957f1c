import { Command } from 'commander';
import type { Changed } from '../../admin/admin-client.js';
import { type Io, print, printJson } from '../../output/io.js';
import { painter } from '../../output/style.js';
import { type AdminOptions, adminOf, segment, withAdmin } from '../admin/admin-option.js';
import { type CommandFactory, examples } from '../command.js';
import type { ShownChange } from './change-answer.js';
import { shownLines } from './change-lines.js';

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
  const { title, reason, json } = options;
  const admin = adminOf(io, options);
  const undone = /^\d{1,15}$/.test(what) ? { revision: Number(what) } : { changeId: what };
  const body = { ...undone, ...(title !== undefined && { title }), ...(reason !== undefined && { reason }) };
  const answer = await admin.call<Changed & { changeId: string }>('POST /reverts', { body });
  if (json) return printJson(io, answer);
  print(io, `Proposed as ${answer.changeId} (revision ${answer.revision}).`, '');
  const path = `GET /changes/${segment(answer.changeId)}?minRevision=${answer.revision}`;
  return print(io, ...shownLines(painter(io), await admin.call<ShownChange>(path)));
}
