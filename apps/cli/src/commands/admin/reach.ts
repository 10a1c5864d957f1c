import { Command } from 'commander';
import { NetfoldError } from '#kernel';
import { CommandFailed } from '../../command-failed.js';
import { type Io, print, printJson } from '../../output/io.js';
import { painter } from '../../output/style.js';
import { formatInstant } from '../../output/time.js';
import { type CommandFactory, examples } from '../command.js';
import { adminOf, withQuery } from './admin-option.js';
import { type Answered, type AtOptions, asOf, withAt } from './at-option.js';
import { type FlowEntry, flowTable } from './flow-table.js';
import { byWhom } from './log-entry.js';

interface ReachOptions extends AtOptions {
  readonly who?: string;
  readonly from?: string;
}

interface Cause {
  readonly revision: number;
  readonly recordedAt: number;
  readonly by: string;
  readonly person?: string;
  readonly reason?: string;
  readonly type: string;
}

interface Reach extends Answered {
  readonly allowed: boolean;
  readonly summary: string;
  readonly rule: { readonly line: number; readonly source: string; readonly because: string } | null;
  readonly route: {
    readonly prefix: string;
    readonly router: string;
    readonly approvedBy: 'admin' | 'policy' | null;
    readonly standby: readonly string[];
  } | null;
  readonly identities: Readonly<Record<string, readonly string[]>>;
  readonly policyCause: Cause | null;
  readonly routeCause: Cause | null;
}

interface Who extends Answered {
  readonly entries: readonly FlowEntry[];
  readonly machines: readonly string[];
  readonly users: readonly string[];
  readonly tags: readonly string[];
  readonly absent: readonly string[];
  readonly isComplete: boolean;
}

/** As `policy explain` has it: not the code of failures. */
const REFUSED = 2;

export const reachCommand: CommandFactory = (io) => {
  const command = withAt(withQuery(new Command('reach')))
    .summary('say who reaches what, now or at any moment of the ledger')
    .description(
      'Says whether SRC reaches DST, by which rule, through which memberships and over which router, and\n' +
        'who made it so; with --who everyone who reaches something, with --from all that something reaches.\n' +
        'SRC and DST are machines, users, groups, tags, hosts of the policy, or addresses. The protocol is TCP\n' +
        'unless it is named. Unlike "policy explain" it counts who takes part, and which routes are in force.\n\n' +
        `The exit code is 0 when SRC reaches DST, ${REFUSED} when it does not, and 1 when the question fails.`,
    )
    .argument('[src]', 'who')
    .argument('[dst:port[/proto]]', 'what; a protocol without ports needs none: db/icmp')
    .option('--who <dst:port[/proto]>', 'everyone who reaches this')
    .option('--from <src>', 'all that this reaches')
    .action((src: string | undefined, dst: string | undefined, options: ReachOptions) => {
      if (options.who !== undefined && src === undefined) return who(io, options, options.who);
      if (options.from !== undefined && src === undefined) return from(io, options, options.from);
      if (src !== undefined && dst !== undefined) return explain(io, options, src, dst);
      throw new NetfoldError({
        code: 'cli.bad_question',
        message: 'ask about one SRC and one DST, or with --who, or with --from',
        hint: 'netfold reach laptop db:5432; netfold reach --who db:5432; netfold reach --from laptop',
      });
    });
  return examples(
    command,
    ['netfold reach laptop db:5432', 'from one machine to another'],
    ['netfold reach alice@example.com 10.1.2.3:443 --at 2026-11-01', 'over which router, at that time'],
    ['netfold reach --who tag:db:5432 --at yesterday', 'everyone who could, a day ago'],
    ['netfold reach --from group:contractors', 'all that a group reaches'],
  );
};

const queryOf = (words: Readonly<Record<string, string | undefined>>): string => {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(words)) if (value !== undefined) query.set(name, value);
  return query.toString();
};

async function explain(io: Io, options: ReachOptions, src: string, dst: string): Promise<void> {
  const query = queryOf({ src, dst, at: options.at });
  const reach = await adminOf(io, options).call<Reach>(`GET /reach?${query}`);
  if (options.json) printJson(io, reach);
  else showReach(io, reach);
  if (!reach.allowed) throw new CommandFailed(REFUSED);
}

function showReach(io: Io, reach: Reach): void {
  const paint = painter(io);
  const { allowed, summary, rule, route, identities, policyCause, routeCause } = reach;
  const placeOf = (cause: Cause) =>
    `revision ${cause.revision} (${formatInstant(cause.recordedAt)} UTC, ${byWhom(cause)})${cause.reason === undefined ? '' : ` — ${cause.reason}`}`;
  print(io, ...asOf(reach), paint(allowed ? 'green' : 'red', summary));
  if (rule) {
    print(io, `  rule    line ${rule.line}: ${rule.because}`);
    print(io, paint('dim', `          ${rule.source.replace(/\s+/g, ' ')}`));
    if (policyCause) print(io, paint('dim', `          in this policy since ${placeOf(policyCause)}`));
  }
  if (route) {
    const approved = { admin: ', approved by an admin', policy: ', approved by the policy' };
    print(io, `  route   ${route.prefix} through ${route.router}${route.approvedBy ? approved[route.approvedBy] : ''}`);
    if (routeCause) {
      const what = routeCause.type === 'RouteApproved' ? 'approved at' : 'in force since';
      print(io, paint('dim', `          ${what} ${placeOf(routeCause)}`));
    }
    if (route.standby.length > 0) print(io, paint('dim', `          ${route.standby.join(', ')} would stand in`));
  }
  for (const [name, labels] of Object.entries(identities)) {
    print(io, `  machine ${name}: ${labels.join(', ') || 'nobody'}`);
  }
}

async function who(io: Io, options: ReachOptions, dst: string): Promise<void> {
  const answer = await adminOf(io, options).call<Who>(`GET /reach/who?${queryOf({ dst, at: options.at })}`);
  if (options.json) return printJson(io, answer);
  const { entries, machines, users, tags, absent } = answer;
  print(io, ...asOf(answer));
  if (entries.length === 0) return print(io, `Nobody reaches ${dst}.`, ...unlessComplete(answer));
  const more = absent.length > 0 ? [`Without a machine now, but let through: ${listed(absent)}`] : [];
  return print(
    io,
    ...flowTable(painter(io), entries),
    '',
    `Machines (${machines.length}): ${listed(machines)}`,
    `Users (${users.length}): ${listed(users)}`,
    `Tags (${tags.length}): ${listed(tags)}`,
    ...more,
    ...unlessComplete(answer),
  );
}

async function from(io: Io, options: ReachOptions, src: string): Promise<void> {
  const query = queryOf({ src, at: options.at });
  const answer = await adminOf(io, options).call<Pick<Who, 'entries' | 'isComplete' | keyof Answered>>(
    `GET /reach/from?${query}`,
  );
  if (options.json) return printJson(io, answer);
  const lines = answer.entries.length > 0 ? flowTable(painter(io), answer.entries) : [`${src} reaches nothing.`];
  return print(io, ...asOf(answer), ...lines, ...unlessComplete(answer));
}

const unlessComplete = ({ isComplete }: Pick<Who, 'isComplete'>): string[] =>
  isComplete ? [] : ['', 'There are more: the policy tells too many apart to look at all.'];

/** So many names fit a screen; all of them are in the JSON. */
const MAX_LISTED = 40;

const listed = (names: readonly string[]): string => {
  const more = names.length - MAX_LISTED;
  return `${names.slice(0, MAX_LISTED).join(', ') || 'none'}${more > 0 ? ` and ${more} more (--json has all)` : ''}`;
};
