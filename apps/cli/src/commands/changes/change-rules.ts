import { Command } from 'commander';
import { NetfoldError } from '#kernel';
import type { Changed } from '../../admin/admin-client.js';
import { print, printJson } from '../../output/io.js';
import { formatTable } from '../../output/table.js';
import { type AdminOptions, adminOf, printChanged, withAdmin, withQuery } from '../admin/admin-option.js';
import { type CommandFactory, examples } from '../command.js';
import { number } from '../number-option.js';

interface Rule {
  readonly commands: readonly string[];
  readonly approvals: number;
  readonly role: string;
}

interface Rules {
  readonly revision: number;
  readonly rules: readonly Rule[];
}

/** What people call kinds of commands. */
const KINDS: Readonly<Record<string, readonly string[]>> = {
  policy: ['PublishAcl'],
  routes: ['ApproveRoute', 'RevokeRoute'],
  dns: ['ConfigureDns'],
  settings: ['ChangeSettings'],
  users: ['AddUser', 'ChangeUserRole', 'SuspendUser', 'ResumeUser', 'RemoveUser', 'SyncGroup'],
  machines: ['ApproveNode', 'RenameNode', 'TagNode', 'ExpireNode', 'SetNodeExpiry', 'RemoveNode'],
  credentials: ['RevokeAuthKey', 'RevokeApiToken'],
  rules: ['SetReviewRules'],
};

export const listRules: CommandFactory = (io) =>
  withQuery(new Command('rules'))
    .summary('list which commands need approval, and from whom')
    .action(async (options: AdminOptions) => {
      const answer = await adminOf(io, options).call<Rules>('GET /review-rules');
      if (options.json) return printJson(io, answer);
      if (answer.rules.length === 0) return print(io, 'Nothing needs approval: netfold change rule --help');
      const rows = answer.rules.map(({ commands, approvals, role }) => [
        namesOf(commands).join(', '),
        String(approvals),
        `${role} or above`,
      ]);
      return print(io, ...formatTable([['WHAT', 'APPROVALS', 'BY'], ...rows], [1]));
    });

export const setRule: CommandFactory = (io) => {
  const command = withAdmin(new Command('rule'))
    .summary('say how many people must approve what')
    .description(
      'Says how many people, beside the one who proposes, must approve commands of these kinds before they are run:\n' +
        `${Object.keys(KINDS).join(', ')}; or single commands, such as RemoveNode. While there are rules, changing\n` +
        'them needs approvals itself: as many as the strictest rule asks for, unless a rule says otherwise.',
    )
    .argument('<what...>', 'kinds of commands, or single ones')
    .option('--approvals <count>', 'how many people; 0: nobody', number, 1)
    .option('--role <role>', 'what they must be, or outrank', 'admin')
    .action(async (what: string[], options: AdminOptions & { approvals: number; role: string }) => {
      const { approvals, role } = options;
      const admin = adminOf(io, options);
      const { rules, revision } = await admin.call<Rules>('GET /review-rules');
      const commands = what.flatMap(commandsOf);
      const others = rules
        .map((rule) => ({ ...rule, commands: rule.commands.filter((one) => !commands.includes(one)) }))
        .filter((rule) => rule.commands.length > 0);
      const body = { rules: approvals === 0 ? others : [...others, { commands, approvals, role }] };
      const done = await admin.call<Changed>('PUT /review-rules', { body, ifRevision: revision });
      const needs = approvals === 0 ? 'no approval' : `${approvals} by people who are ${role} or above`;
      printChanged(io, options, done, `${what.join(', ')}: needs ${needs}.`);
    });
  return examples(
    command,
    ['netfold change rule policy routes --approvals 2 --role network-admin', 'four eyes, and two more'],
    ['netfold change rule dns --approvals 0', 'whoever may'],
  );
};

function commandsOf(name: string): readonly string[] {
  const found = KINDS[name] ?? (Object.values(KINDS).some((kind) => kind.includes(name)) ? [name] : undefined);
  if (found) return found;
  const hint = `choose from ${Object.keys(KINDS).join(', ')}`;
  throw new NetfoldError({ code: 'cli.bad_kind', message: `${JSON.stringify(name)} is no kind of command`, hint });
}

/** The kinds that are named as a whole, and the other commands. */
function namesOf(commands: readonly string[]): string[] {
  const whole = Object.entries(KINDS).filter(([, kind]) => kind.every((one) => commands.includes(one)));
  const told = new Set(whole.flatMap(([, kind]) => kind));
  return [...whole.map(([name]) => name), ...commands.filter((one) => !told.has(one))];
}
