import { Command, Option } from 'commander';
import { type Io, print, printJson, remark } from '../../output/io.js';
import { painter } from '../../output/style.js';
import { formatTable } from '../../output/table.js';
import { type CommandFactory, examples } from '../command.js';
import { count, number } from '../number-option.js';
import { type AdminOptions, adminOf, withQuery } from './admin-option.js';
import { LOG_COLUMNS, type LogEntry, logRow } from './log-entry.js';
import { showEvent } from './log-show.js';

interface LogOptions extends AdminOptions {
  readonly follow?: boolean;
  readonly lines?: number;
  readonly reverse?: boolean;
  readonly csv?: boolean;
  readonly since?: string;
  readonly until?: string;
  readonly after?: number;
  readonly from?: number;
  readonly to?: number;
  readonly type?: readonly string[];
  readonly actor?: string;
  readonly node?: string;
  readonly user?: string;
  readonly grep?: string;
}

/** Events that are shown before those that are followed, unless it is said where to begin. */
const FOLLOWED = 10;
/** So many lines are aligned to each other before they are printed. */
const BLOCK = 500;

export const logCommand: CommandFactory = (io) => {
  const command = withQuery(new Command('log'))
    .summary('read the ledger: everything that has happened')
    .description('Prints the ledger of the network, oldest first: who did what, when, from where and why.')
    .enablePositionalOptions() // what stands behind "show" is for it
    .option('-f, --follow', 'go on with new events as they come')
    .addOption(new Option('-n, --lines <count>', 'only the last so many').argParser(count))
    .option('-r, --reverse', 'the newest first')
    .option('--since <moment>', 'from then on: 2026-11-01, 2026-11-01T10:00Z, 2h (ago)')
    .option('--until <moment>', 'up to then')
    .addOption(new Option('--after <revision>', 'only events after this one').argParser(number))
    .addOption(new Option('--from <revision>', 'from this one on').argParser(number))
    .addOption(new Option('--to <revision>', 'up to this one').argParser(number))
    .option('--type <types>', 'only these: NodeJoined,NodeRemoved, or Node*; may be repeated', several)
    .option('--actor <name>', 'only what this user, token or machine caused; or system')
    .option('--node <node>', 'only about this machine, also one that is gone')
    .option('--user <login>', 'only about or by this user')
    .option('-g, --grep <text>', 'only what says this: in what, by whom or why')
    .option('--csv', 'print comma-separated values');
  command.addCommand(showEvent(io));
  examples(
    command,
    ['netfold log -n 20', 'the last 20'],
    ['netfold log -f', 'what happens now'],
    ['netfold log --since 2h --type AclPublished,Node*', 'policies and machines, in the last two hours'],
    ['netfold log --user alice@example.com --csv > alice.csv', 'all about her, for an auditor'],
    ['netfold log show 41', 'one event whole'],
  );
  return command.action((options: LogOptions) => read(io, options));
};

const several = (value: string, before: readonly string[] = []): readonly string[] => [...before, ...value.split(',')];

async function read(io: Io, options: LogOptions): Promise<void> {
  const admin = adminOf(io, options);
  if (options.csv) {
    for await (const piece of admin.pieces(routeOf(options, 'csv'), io.interrupted)) io.stdout.write(piece);
    return;
  }
  const entries = admin.lines<LogEntry>(routeOf(options, 'ndjson'), io.interrupted);
  if (options.json && options.follow) for await (const entry of entries) print(io, JSON.stringify(entry));
  else if (options.json) await printAll(io, entries);
  else await printTable(io, entries, options.follow ? 1 : BLOCK);
}

async function printAll(io: Io, entries: AsyncIterable<LogEntry>): Promise<void> {
  const events: LogEntry[] = [];
  for await (const entry of entries) events.push(entry);
  printJson(io, { events });
}

/** @param block lines that are aligned to each other before they are printed */
async function printTable(io: Io, entries: AsyncIterable<LogEntry>, block: number): Promise<void> {
  const paint = painter(io);
  const widths = block === 1 ? LIVE_WIDTHS.slice() : [];
  let rows: string[][] = [LOG_COLUMNS];
  const flush = () => {
    print(io, ...formatTable(rows, [0], widths));
    rows = [];
  };
  let shown = 0;
  for await (const entry of entries) {
    shown++;
    const [revision = '', time = '', ...rest] = logRow(entry).map(printable);
    rows.push([revision, paint('dim', time), ...rest]);
    if (rows.length >= block) flush();
  }
  if (rows.length > 0) flush();
  if (shown === 0 && block > 1) remark(io, 'no event is like that');
}

/** What most lines fit into, where they are printed one by one. */
const LIVE_WIDTHS: readonly number[] = [5, 23, 14, 14, 16];

/** People choose names and reasons; a terminal must not take any for its own commands. */
const printable = (text: string): string => text.replaceAll(/\p{Cc}/gu, '\ufffd');

function routeOf(options: LogOptions, format: 'csv' | 'ndjson'): string {
  const { follow, lines, reverse, since, until, after, from, to, type, actor, node, user, grep } = options;
  const somewhere = [since, until, after, from, to].some((place) => place !== undefined);
  const last = lines ?? (follow && !somewhere ? FOLLOWED : undefined);
  const wanted = {
    ...{ since, until, after, from, to, actor, node, user, text: grep, follow, format },
    type: type?.join(','),
    ...(reverse ? { order: 'newest', limit: last } : { last }),
  };
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(wanted)) if (value !== undefined) query.set(name, String(value));
  return `GET /events?${query}`;
}
