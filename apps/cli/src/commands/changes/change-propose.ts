import { Command } from 'commander';
import type { AdminClient, Changed } from '../../admin/admin-client.js';
import { conflictLines, staleEditOf } from '../../admin/stale-edit.js';
import { CommandFailed } from '../../command-failed.js';
import { type Io, print, printJson, remark } from '../../output/io.js';
import { painter } from '../../output/style.js';
import { type AdminOptions, adminOf, segment, span, withAdmin } from '../admin/admin-option.js';
import { type CommandFactory, examples } from '../command.js';
import { number } from '../number-option.js';
import type { ShownChange } from './change-answer.js';
import { shownLines } from './change-lines.js';
import { type CommandOptions, proposedCommands } from './proposed-commands.js';

interface ProposeOptions extends AdminOptions, CommandOptions {
  readonly title: string;
  readonly expires?: number | null;
  readonly base?: number;
  readonly merge?: boolean;
}

type Answer = Changed & { readonly changeId: string };

interface Body {
  readonly title: string;
  readonly commands: readonly { readonly type: string; readonly data: unknown }[];
  readonly baseRevision?: number;
}

export const proposeChange: CommandFactory = (io) => {
  const command = withAdmin(new Command('propose'))
    .summary('propose commands instead of running them')
    .description(
      'Proposes commands that are applied together or not at all, and shows what they would do. Machines and people are\n' +
        'named by name or id.',
    )
    .requiredOption('--title <text>', 'what for, in a few words')
    .option('--policy <file>', 'publish this policy; - for standard input')
    .option('--approve-route <machine prefix...>', 'approve a route; more pairs may follow')
    .option('--revoke-route <machine prefix...>', 'revoke a route')
    .option('--commands <file>', 'commands as a JSON list of {"type", "data"}; - for standard input')
    .option('--expires <span>', 'take it back by itself, so long after it was applied: 90m, 8h, 2d', span)
    .option('--base <revision>', 'where your edit of the policy began', number)
    .option('--merge', 'when somebody has edited the policy since, propose both edits together');
  examples(
    command,
    ['netfold change propose --title "open 443" --policy policy.hujson', 'a policy'],
    ['netfold change propose --title office --approve-route gw 10.0.0.0/8 --expires 8h', 'a route, for a day of work'],
    ['netfold change propose --title retag --commands tags.json', 'anything'],
  );
  return command.action((options: ProposeOptions) => propose(io, options));
};

async function propose(io: Io, options: ProposeOptions): Promise<void> {
  const { title, reason, expires, base, merge, json } = options;
  const admin = adminOf(io, options);
  const commands = await proposedCommands(io, options);
  const body = {
    title,
    commands,
    ...(reason !== undefined && { reason }),
    ...(expires !== undefined && { lasts: expires }),
    ...(base !== undefined && { baseRevision: base }),
  };
  const answer = await send(io, admin, body, merge === true);
  if (json) return printJson(io, answer);
  print(io, `Proposed as ${answer.changeId} (revision ${answer.revision}).`, '');
  const path = `GET /changes/${segment(answer.changeId)}?minRevision=${answer.revision}`;
  return print(io, ...shownLines(painter(io), await admin.call<ShownChange>(path)));
}

const MAX_MERGES = 3;

/** Proposes; merges the policy with what was published since as often as somebody is faster. */
async function send(io: Io, admin: AdminClient, body: Body, merge: boolean, left = MAX_MERGES): Promise<Answer> {
  try {
    return await admin.call<Answer>('POST /changes', { body });
  } catch (error) {
    const stale = staleEditOf(error);
    if (!stale) throw error;
    if (stale.merged === null) {
      for (const line of conflictLines(stale)) remark(io, line);
      remark(io, 'netfold: begin again with the policy in force: netfold policy get');
      throw new CommandFailed();
    }
    if (!merge || left === 0) throw error;
    remark(io, `# merged with the policy of revision ${stale.published}`);
    const text = stale.merged;
    const commands = body.commands.map((one) => (one.type === 'PublishAcl' ? { ...one, data: { text } } : one));
    return send(io, admin, { ...body, commands, baseRevision: stale.head }, merge, left - 1);
  }
}
