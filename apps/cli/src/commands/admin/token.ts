import { Command } from 'commander';
import type { Changed } from '../../admin/admin-client.js';
import { print, printJson, remark } from '../../output/io.js';
import { formatTable } from '../../output/table.js';
import { formatInstant } from '../../output/time.js';
import { type CommandFactory, examples } from '../command.js';
import { type AdminOptions, adminOf, printChanged, segment, span, withAdmin, withQuery } from './admin-option.js';

interface Wish extends AdminOptions {
  readonly expires?: number | null;
  readonly user?: string;
  readonly description?: string;
}

interface ApiToken {
  readonly id: string;
  readonly role: string;
  readonly user: string | null;
  readonly expiresAt: number | null;
  readonly revoked: boolean;
  readonly description: string;
}

export const tokenCommand: CommandFactory = (io) => {
  const command = new Command('token')
    .summary('make and revoke API tokens')
    .description('API tokens let programs and admins use the API, each with a role.');
  for (const sub of [createToken, listTokens, revokeToken]) command.addCommand(sub(io));
  return examples(
    command,
    ['netfold token create auditor --description "nightly export"', 'may read, and change nothing'],
    ['netfold token revoke tok_…', 'when it is no longer needed'],
  );
};

const createToken: CommandFactory = (io) =>
  withAdmin(new Command('create'))
    .summary('make a token; it is shown this once')
    .argument('<role>', 'admin, network-admin, it-admin, auditor, …')
    .option('--expires <span>', 'from now: 90d, 12h, …; or never (default: 90d)', span)
    .option('--user <login>', 'the person whom it acts for: it does what the role and the person both may')
    .option('--description <text>', 'what it is for')
    .action(async (role: string, { expires, user, description, ...options }: Wish) => {
      const body = {
        role,
        ...(user && { user }),
        ...(description && { description }),
        ...(expires !== undefined && { expiresIn: expires }),
      };
      const answer = await adminOf(io, options).call<{ token: string; tokenId: string }>('POST /api-tokens', { body });
      if (options.json) return printJson(io, answer);
      print(io, answer.token);
      return remark(io, `# token ${answer.tokenId}; it is not shown again`);
    });

const listTokens: CommandFactory = (io) =>
  withQuery(new Command('list'))
    .summary('list the tokens, without their secrets')
    .action(async (options: AdminOptions) => {
      const answer = await adminOf(io, options).call<{ apiTokens: readonly ApiToken[] }>('GET /api-tokens');
      if (options.json) return printJson(io, answer);
      const rows = answer.apiTokens.map((token) => [
        token.id,
        token.role,
        token.user ?? '-',
        stateOf(token, io.now()),
        token.description,
      ]);
      return print(io, ...formatTable([['TOKEN', 'ROLE', 'ACTS FOR', 'STATE', 'DESCRIPTION'], ...rows]));
    });

const revokeToken: CommandFactory = (io) =>
  withAdmin(new Command('revoke'))
    .summary('make a token worthless')
    .argument('<token>', 'its id')
    .action(async (id: string, options: AdminOptions) => {
      const changed = await adminOf(io, options).call<Changed>(`DELETE /api-tokens/${segment(id)}`);
      printChanged(io, options, changed, `${id} is revoked.`);
    });

function stateOf({ revoked, expiresAt }: ApiToken, now: number): string {
  if (revoked) return 'revoked';
  if (expiresAt === null) return 'good';
  return expiresAt <= now ? 'expired' : `good until ${formatInstant(expiresAt).slice(0, 16)}`;
}
