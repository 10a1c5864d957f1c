import { Command } from 'commander';
import { NetfoldError } from '#kernel';
import { print, printJson } from '../../output/io.js';
import { painter } from '../../output/style.js';
import { formatInstant } from '../../output/time.js';
import { type CommandFactory, examples } from '../command.js';
import { type AdminOptions, adminOf, withQuery } from './admin-option.js';
import { type ImpactView, impactLines } from './impact-lines.js';

interface Diff extends ImpactView {
  readonly from: { readonly revision: number; readonly recordedAt: number };
  readonly to: { readonly revision: number; readonly recordedAt: number };
}

export const diffCommand: CommandFactory = (io) => {
  const command = withQuery(new Command('diff'))
    .summary('show what differs between two moments, and who reaches what no longer, or newly')
    .description(
      'Shows what differs between two moments: machines, people, routes, settings, the lines of the policy; and\n' +
        'the flows that were lost and gained, by identity. A moment is a revision (1234), a time\n' +
        '(2026-11-01T10:00Z), a day, or how long ago (2h); what is left out after the dots is now.',
    )
    .argument('<a..b>', 'the two moments')
    .action(async (span: string, options: AdminOptions) => {
      const query = new URLSearchParams(momentsOf(span));
      const diff = await adminOf(io, options).call<Diff>(`GET /diff?${query}`);
      if (options.json) return printJson(io, diff);
      const told = ({ revision, recordedAt }: Diff['from']) =>
        `revision ${revision} (${formatInstant(recordedAt)} UTC)`;
      return print(io, `From ${told(diff.from)} to ${told(diff.to)}:`, '', ...impactLines(painter(io), diff));
    });
  return examples(
    command,
    ['netfold diff 120..125', 'between two revisions'],
    ['netfold diff yesterday..', 'the last 24 hours'],
    ['netfold diff 2026-11-01..2026-11-02 --json', 'a day, for programs'],
  );
};

function momentsOf(span: string): Record<string, string> {
  const [from = '', to = '', ...rest] = span.split('..');
  if (from !== '' && span.includes('..') && rest.length === 0) return { from, ...(to !== '' && { to }) };
  throw new NetfoldError({
    code: 'cli.bad_span',
    message: `${JSON.stringify(span)} is not two moments`,
    hint: 'write them like 120..125, or 2h.. for the last two hours',
  });
}
