import { Command } from 'commander';
import { CommandFailed } from '../../command-failed.js';
import { type Io, print, printJson } from '../../output/io.js';
import { painter } from '../../output/style.js';
import { type CommandFactory, examples } from '../command.js';
import { type AdminOptions, adminOf, withQuery } from './admin-option.js';

interface Explanation {
  readonly allowed: boolean;
  readonly summary: string;
  readonly rule: { readonly line: number; readonly source: string; readonly because: string } | null;
}

/** Not the code of failures, so that a script which wants something to be refused does not take an error for it. */
const REFUSED = 2;

export const explainCommand: CommandFactory = (io) => {
  const command = withQuery(new Command('explain'))
    .summary('say who may reach what, and by which rule')
    .description(
      'Says whether the policy in force lets SRC reach DST, and by which rule; or which rule comes\n' +
        'nearest, and what it lacks. SRC and DST are machines, users, groups, tags, hosts of the policy,\n' +
        'or addresses. The protocol is TCP unless it is named.\n\n' +
        `The exit code is 0 when it is allowed, ${REFUSED} when it is not, and 1 when the question fails.`,
    )
    .argument('<src>', 'who')
    .argument('<dst:port[/proto]>', 'what; a protocol without ports needs none: db/icmp')
    .action((src: string, dst: string, options: AdminOptions) => explain(io, options, src, dst));
  return examples(
    command,
    ['netfold policy explain laptop web-1:443', 'from one machine to another'],
    ['netfold policy explain alice@example.com tag:dns:53/udp', 'from a user to all machines with a tag'],
  );
};

async function explain(io: Io, options: AdminOptions, src: string, dst: string): Promise<void> {
  const query = new URLSearchParams({ src, dst });
  const answer = await adminOf(io, options).call<Explanation>(`GET /policy/explain?${query}`);
  if (options.json) printJson(io, answer);
  else showExplanation(io, answer);
  if (!answer.allowed) throw new CommandFailed(REFUSED);
}

function showExplanation(io: Io, { allowed, summary, rule }: Explanation): void {
  const paint = painter(io);
  print(io, paint(allowed ? 'green' : 'red', summary));
  if (!rule) return;
  print(io, `  line ${rule.line}: ${rule.because}`);
  print(io, paint('dim', `  ${rule.source.replace(/\s+/g, ' ')}`));
}
