import { Command } from 'commander';
import { NetfoldError } from '#kernel';
import type { Changed } from '../../admin/admin-client.js';
import { print, remark } from '../../output/io.js';
import { painter } from '../../output/style.js';
import { type AdminOptions, adminOf, printChanged, segment, withAdmin } from '../admin/admin-option.js';
import { type CommandFactory, examples } from '../command.js';
import type { ShownChange } from './change-answer.js';
import { nextLines, shownChange, shownLines } from './change-lines.js';

interface ReviewOptions extends AdminOptions {
  readonly comment?: string;
  readonly impact?: string;
}

export const approveChange: CommandFactory = (io) => {
  const command = withAdmin(new Command('approve'))
    .summary('approve a change, for what it would do now')
    .description(
      'Shows what the change would do, and approves that. When it would do something else later, the approval lapses.',
    )
    .argument('<change>', 'its id')
    .option('--comment <text>', 'for the others to read')
    .option('--impact <digest>', 'only if it would still do this: "digest" of netfold change show --json')
    .action(async (id: string, { comment = '', impact: seen, ...options }: ReviewOptions) => {
      const admin = adminOf(io, options);
      const shown = await admin.call<ShownChange>(`GET /changes/${segment(id)}`);
      if (!options.json) print(io, ...shownLines(painter(io), shown).filter((line) => !line.startsWith('Next: ')));
      const impactDigest = seen ?? shown.impact?.digest;
      if (impactDigest === undefined) throw cannotBeApproved(shown);
      const body = { impactDigest, comment };
      const done = await admin.call<Changed>(`POST /changes/${segment(id)}/approve`, { body });
      printChanged(io, options, done, `${id} has your approval.`);
      if (options.json) return;
      const after = await admin.call<ShownChange>(`GET /changes/${segment(id)}`);
      for (const line of nextLines(shownChange(after))) remark(io, line);
    });
  return examples(
    command,
    ['netfold change approve c3f9a01c2de', 'what it shows is what you approve'],
    ['netfold change approve c3f9a01c2de --comment "after 18:00 please"', 'with a word to the others'],
  );
};

function cannotBeApproved({ change, problem }: ShownChange): NetfoldError {
  if (problem) return new NetfoldError(problem);
  return new NetfoldError({ code: 'change.closed', message: `the change ${change.id} was ${change.stage} already` });
}

export const rejectChange: CommandFactory = (io) =>
  withAdmin(new Command('reject'))
    .summary('reject a change, for good')
    .argument('<change>', 'its id')
    .option('--comment <text>', 'why')
    .action(async (id: string, { comment = '', ...options }: ReviewOptions) => {
      const body = { comment };
      const done = await adminOf(io, options).call<Changed>(`POST /changes/${segment(id)}/reject`, { body });
      printChanged(io, options, done, `${id} is rejected.`);
    });
