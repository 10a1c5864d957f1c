import { Command } from 'commander';
import type { Changed } from '../../admin/admin-client.js';
import { print, printJson, remark } from '../../output/io.js';
import { formatTable } from '../../output/table.js';
import { formatInstant } from '../../output/time.js';
import { type CommandFactory, examples } from '../command.js';
import { list } from '../local/list-option.js';
import { type AdminOptions, adminOf, printChanged, segment, span, withAdmin, withQuery } from './admin-option.js';

interface AuthKey {
  readonly id: string;
  readonly user: string | null;
  readonly tags: readonly string[];
  readonly reusable: boolean;
  readonly ephemeral: boolean;
  readonly preapproved: boolean;
  readonly expiresAt: number | null;
  readonly revoked: boolean;
  readonly uses: number;
  readonly description: string;
}

interface Wish extends AdminOptions {
  readonly user?: string;
  readonly tags?: readonly string[];
  readonly reusable?: boolean;
  readonly ephemeral?: boolean;
  readonly preapproved?: boolean;
  readonly expires?: number | null;
  readonly description?: string;
}

export const keyCommand: CommandFactory = (io) => {
  const command = new Command('key')
    .summary('make and revoke the keys that machines join with')
    .description('Auth keys let machines join without a person at the keyboard.');
  for (const sub of [createKey, listKeys, revokeKey]) command.addCommand(sub(io));
  return examples(
    command,
    ['netfold key create > key', 'for one machine of yours'],
    ['netfold key create --reusable --tags tag:web --preapproved', 'for a fleet of servers'],
    ['netfold key create --ephemeral --reusable --expires 1d', 'for machines that come and go'],
  );
};

const createKey: CommandFactory = (io) =>
  withAdmin(new Command('create'))
    .summary('make a key; it is shown this once')
    .option('--user <login>', 'who will own the machines (default: the owner of the network)')
    .option('--tags <tags>', 'machines get these tags, and belong to nobody', list)
    .option('--reusable', 'for any number of machines')
    .option('--ephemeral', 'machines are removed when they have been offline for a while')
    .option('--preapproved', 'machines need no approval')
    .option('--expires <span>', 'from now: 90d, 12h, …; or never (default: 90d)', span)
    .option('--description <text>', 'what it is for')
    .action(async ({ server, json, expires, ...wish }: Wish) => {
      const body = { ...wish, ...(expires !== undefined && { expiresIn: expires }) };
      const answer = await adminOf(io, { server }).call<{ key: string; keyId: string }>('POST /auth-keys', { body });
      if (json) return printJson(io, answer);
      // The key alone on standard output, so that it goes into a file or a pipe as it is.
      print(io, answer.key);
      return remark(io, `# key ${answer.keyId}; it is not shown again. Join with: netfold up --auth-key-file FILE`);
    });

const listKeys: CommandFactory = (io) =>
  withQuery(new Command('list'))
    .summary('list the keys, without their secrets')
    .action(async (options: AdminOptions) => {
      const answer = await adminOf(io, options).call<{ authKeys: readonly AuthKey[] }>('GET /auth-keys');
      if (options.json) return printJson(io, answer);
      const rows = answer.authKeys.map((key) => [
        key.id,
        key.user ?? key.tags.join(','),
        kindOf(key),
        stateOf(key, io.now()),
        String(key.uses),
        key.description,
      ]);
      return print(io, ...formatTable([['KEY', 'FOR', 'KIND', 'STATE', 'USES', 'DESCRIPTION'], ...rows], [4]));
    });

const revokeKey: CommandFactory = (io) =>
  withAdmin(new Command('revoke'))
    .summary('let nobody join with a key any more')
    .argument('<key>', 'its id')
    .action(async (id: string, options: AdminOptions) => {
      const changed = await adminOf(io, options).call<Changed>(`DELETE /auth-keys/${segment(id)}`);
      printChanged(io, options, changed, `${id} is revoked.`);
    });

function kindOf({ reusable, ephemeral, preapproved }: AuthKey): string {
  return [
    reusable ? 'reusable' : 'one-off',
    ...(ephemeral ? ['ephemeral'] : []),
    ...(preapproved ? ['preapproved'] : []),
  ].join(',');
}

function stateOf({ revoked, expiresAt, reusable, uses }: AuthKey, now: number): string {
  if (revoked) return 'revoked';
  if (expiresAt !== null && expiresAt <= now) return 'expired';
  if (!reusable && uses > 0) return 'used';
  return expiresAt === null ? 'good' : `good until ${formatInstant(expiresAt).slice(0, 16)}`;
}
