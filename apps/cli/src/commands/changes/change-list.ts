import { Command } from 'commander';
import { print, printJson } from '../../output/io.js';
import { painter } from '../../output/style.js';
import { formatTable } from '../../output/table.js';
import { formatAge } from '../../output/time.js';
import { type AdminOptions, adminOf, segment, withQuery } from '../admin/admin-option.js';
import type { CommandFactory } from '../command.js';
import type { ListedChange, Override, ShownChange } from './change-answer.js';
import { approvalsOf, overrideLines, shownLines, stageOf } from './change-lines.js';

export const listChanges: CommandFactory = (io) =>
  withQuery(new Command('list'))
    .summary('list the changes that are open, and emergencies that wait to be acknowledged')
    .option('--all', 'also those that have ended')
    .action(async ({ all, ...options }: AdminOptions & { all?: boolean }) => {
      const route = `GET /changes${all ? '?stage=all' : ''}`;
      const answer = await adminOf(io, options).call<{
        changes: readonly ListedChange[];
        overrides: readonly Override[];
      }>(route);
      if (options.json) return printJson(io, answer);
      const paint = painter(io);
      print(io, ...overrideLines(paint, answer.overrides));
      if (answer.changes.length === 0) return print(io, 'No change is open: netfold change propose --help');
      const rows = answer.changes.map((change) => [
        change.id,
        stageOf(paint, change),
        approvalsOf(change.requirements),
        formatAge(io.now() - change.proposedAt),
        change.proposedBy.name,
        change.title,
      ]);
      return print(io, ...formatTable([['CHANGE', 'STATE', 'APPROVALS', 'AGE', 'BY', 'TITLE'], ...rows]));
    });

export const showChange: CommandFactory = (io) =>
  withQuery(new Command('show'))
    .summary('show a change, and what it would do now')
    .argument('<change>', 'its id')
    .action(async (id: string, options: AdminOptions) => {
      const shown = await adminOf(io, options).call<ShownChange>(`GET /changes/${segment(id)}`);
      if (options.json) return printJson(io, shown);
      return print(io, ...shownLines(painter(io), shown));
    });
