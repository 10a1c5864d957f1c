import { text } from 'node:stream/consumers';
import { NetfoldError } from '#kernel';
import { readInput } from '../../input/read-secret.js';
import type { Io } from '../../output/io.js';

/** What to propose, as the options say it. */
export interface CommandOptions {
  readonly policy?: string;
  readonly approveRoute?: readonly string[];
  readonly revokeRoute?: readonly string[];
  readonly commands?: string;
}

interface ProposedCommand {
  readonly type: string;
  readonly data: unknown;
}

/**
 * The commands that the options name: routes first, then the file's, then the policy.
 * @throws NetfoldError `cli.…`
 */
export async function proposedCommands(io: Io, options: CommandOptions): Promise<readonly ProposedCommand[]> {
  const { policy, approveRoute = [], revokeRoute = [], commands: file } = options;
  const commands = [
    ...routes('ApproveRoute', '--approve-route', approveRoute),
    ...routes('RevokeRoute', '--revoke-route', revokeRoute),
    ...(file === undefined ? [] : listIn(await content(io, file, '--commands'), file)),
    ...(policy === undefined ? [] : [{ type: 'PublishAcl', data: { text: await content(io, policy, '--policy') } }]),
  ];
  if (commands.length > 0) return commands;
  const hint = 'name a file with --policy or --commands, or a route with --approve-route';
  throw new NetfoldError({ code: 'cli.nothing_proposed', message: 'there is nothing to propose', hint });
}

export const content = (io: Io, file: string, where: string): Promise<string> =>
  file === '-' ? text(io.stdin) : readInput(file, where);

function routes(type: string, where: string, words: readonly string[]): ProposedCommand[] {
  if (words.length % 2 === 1) {
    const hint = `write it like ${where} office 192.168.1.0/24`;
    throw new NetfoldError({ code: 'cli.bad_route', message: 'a route is a machine and a prefix', where, hint });
  }
  return words.flatMap((nodeId, i) => (i % 2 === 0 ? [{ type, data: { nodeId, prefix: words[i + 1] } }] : []));
}

function listIn(json: string, where: string): ProposedCommand[] {
  const hint = 'write a list like [{"type": "TagNode", "data": {"nodeId": "web-1", "tags": ["tag:web"]}}]';
  try {
    const list: unknown = JSON.parse(json);
    if (Array.isArray(list)) return list as ProposedCommand[];
  } catch (cause) {
    const message = `this is not JSON: ${cause instanceof Error ? cause.message : cause}`;
    throw new NetfoldError({ code: 'cli.bad_commands', message, where, hint }, { cause });
  }
  throw new NetfoldError({ code: 'cli.bad_commands', message: 'this is not a list of commands', where, hint });
}
