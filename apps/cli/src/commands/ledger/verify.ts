import { Command } from 'commander';
import { credentialsOf } from '../../admin/credentials.js';
import { type AdminOptions, adminOf, withQuery } from '../admin/admin-option.js';
import { type CommandFactory, examples } from '../command.js';

interface VerifyOptions extends AdminOptions {
  readonly store?: string;
  readonly checkpoint?: readonly string[];
  readonly key?: readonly string[];
}

const more = (value: string, before: readonly string[] = []): string[] => [...before, value];

export const verifyCommand: CommandFactory = (io) => {
  const command = withQuery(new Command('verify'))
    .summary('prove that nobody has changed the ledger')
    .description(
      'With --store, computes every hash of a ledger again, without its server: of a ledger.db or a\n' +
        'kurrentdb://HOST, in use or not, or of an export. It names the first event of each stream that was changed, removed or put\n' +
        'elsewhere. That the end was cut off, or that all of history was written anew, shows only in a\n' +
        'signed checkpoint that was kept elsewhere.\n' +
        'Without --store, has the server prove that its ledger continues the one that it had last time.\n' +
        'The exit code is 1 when anything is wrong.',
    )
    .option('--store <ledger>', 'verify this ledger.db, kurrentdb://HOST or export')
    .option('--checkpoint <file>', 'what the server has signed once (may be repeated)', more)
    .option('--key <key>', 'the key that it was signed with, or a file that holds it (may be repeated)', more);
  examples(
    command,
    ['netfold verify --store /var/lib/netfold/server/ledger.db', 'all hashes'],
    [
      'netfold verify --store ledger.jsonl --checkpoint june.txt --key key.txt',
      'and that it holds what was signed in June',
    ],
    ['netfold verify', 'that the server’s ledger only grew since the last time'],
  );
  return command.action(async ({ store, checkpoint = [], key = [], ...options }: VerifyOptions) => {
    const { checkpointsIn, keyOf } = await import('./signed-notes.js');
    const keys = key.map(keyOf);
    const { json } = options;
    const checkpoints = checkpointsIn(checkpoint, keys);
    if (store !== undefined) {
      const { verifyStore } = await import('./verify-store.js');
      return verifyStore(io, store, checkpoints, json);
    }
    const { verifyServer } = await import('./verify-server.js');
    const { server } = credentialsOf(io, options.server);
    return verifyServer(io, { server, admin: adminOf(io, options), checkpoints, key: keys[0], json });
  });
};
