import { Command, Option } from 'commander';
import { type Io, print, printJson } from '../../output/io.js';
import { painter } from '../../output/style.js';
import { formatTable } from '../../output/table.js';
import { formatInstant } from '../../output/time.js';
import { type CommandFactory, examples } from '../command.js';
import { number } from '../number-option.js';
import { type AdminOptions, adminOf, withQuery } from './admin-option.js';

/** An event of the ledger, as far as a person reads it. */
interface LedgerEvent {
  readonly revision: number;
  readonly recordedAt: number;
  readonly type: string;
  readonly actor: { readonly kind: string; readonly id: string; readonly name?: string };
  readonly summary: string;
}

interface LogOptions extends AdminOptions {
  readonly follow?: boolean;
  readonly after?: number;
  readonly limit?: number;
  readonly type?: string;
  readonly actor?: string;
  readonly node?: string;
}

export const logCommand: CommandFactory = (io) => {
  const command = withQuery(new Command('log'))
    .summary('read the ledger: everything that has happened')
    .description('Prints the ledger of the network, oldest first: when, what, by whom.')
    .option('-f, --follow', 'go on with new events as they come')
    .addOption(new Option('--after <revision>', 'only events after this one').argParser(number))
    .addOption(new Option('-n, --limit <count>', 'at most so many').argParser(number))
    .option('--type <type>', 'only of this type, such as NodeJoined')
    .option('--actor <name>', 'only what this user, token or node caused')
    .option('--node <node>', 'only about this machine');
  examples(
    command,
    ['netfold log', 'from the beginning'],
    ['netfold log -f --after 100', 'what comes after revision 100, and goes on'],
    ['netfold log --type AclPublished --json', 'every policy there ever was'],
  );
  return command.action((options: LogOptions) => (options.follow ? follow(io, options) : list(io, options)));
};

async function list(io: Io, options: LogOptions): Promise<void> {
  const answer = await adminOf(io, options).call<{ events: readonly LedgerEvent[] }>(`GET /events${queryOf(options)}`);
  if (options.json) return printJson(io, answer);
  return print(io, ...formatTable([['REV', 'TIME (UTC)', 'BY', 'EVENT', 'WHAT'], ...answer.events.map(rowOf)], [0]));
}

async function follow(io: Io, options: LogOptions): Promise<void> {
  const paint = painter(io);
  const events = adminOf(io, options).lines<LedgerEvent>(`GET /events${queryOf(options)}`, io.interrupted);
  for await (const event of events) {
    if (options.json) print(io, JSON.stringify(event));
    else {
      const [revision = '', time = '', by = '', type = '', what = ''] = rowOf(event);
      print(io, `${revision.padStart(6)}  ${paint('dim', time)}  ${by.padEnd(16)}  ${type.padEnd(16)}  ${what}`);
    }
  }
}

const rowOf = ({ revision, recordedAt, actor, type, summary }: LedgerEvent): string[] => [
  String(revision),
  formatInstant(recordedAt),
  actor.name ?? (actor.kind === 'system' ? 'system' : actor.id),
  type,
  summary,
];

function queryOf({ follow, after, limit, type, actor, node }: LogOptions): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries({ follow, after, limit, type, actor, node })) {
    if (value !== undefined) query.set(name, String(value));
  }
  return query.size > 0 ? `?${query}` : '';
}
