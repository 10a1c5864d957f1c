import { realpathSync } from 'node:fs';
import { Command } from 'commander';
import { NetfoldError } from '#kernel';
import { type CommandFactory, examples } from '../command.js';

interface ReplayOptions {
  readonly from: string;
  readonly to: string;
  readonly json?: boolean;
}

export const replayCommand: CommandFactory = (io) => {
  const command = new Command('replay')
    .summary('copy a ledger into another store, bit for bit')
    .description(
      'Copies all events of all streams into another store, in the same order, with the same hashes, each\n' +
        'of which is computed again on the way. When it is interrupted, the same command goes on where it\n' +
        'stopped; a target that holds anything else than the beginning of the source is left as it is.\n' +
        'A store is the ledger.db of a server (for --to, of one that is stopped); an export: a path that\n' +
        'ends in .jsonl; or a ledger in KurrentDB (EventStoreDB): kurrentdb://USER@HOST:2113, with the options\n' +
        'passwordFile=FILE, tlsCaFile=FILE, tls=false, ledger=NAME, and kurrentdb+discover:// for a cluster.',
    )
    .requiredOption('--from <store>', 'the ledger to copy')
    .requiredOption('--to <store>', 'where to; made when there is none')
    .option('--json', 'print what was copied, as JSON');
  examples(
    command,
    ['netfold replay --from /var/lib/netfold/server/ledger.db --to copy.db', 'a copy of a running server’s ledger'],
    ['netfold replay --from backup.jsonl --to ledger.db', 'an export becomes a ledger again'],
    [
      'netfold replay --from /var/lib/netfold/server/ledger.db \\\n      --to "kurrentdb://netfold@db.example.com?passwordFile=/etc/netfold/db"',
      'move to KurrentDB; then: netfold server --store …',
    ],
  );
  return command.action(async ({ from, to, json }: ReplayOptions) => {
    if (isSame(from, to)) throw sameLedger();
    const { openLedgerSource, openLedgerTarget } = await import('#event-store');
    const { copyLedger, printCopied } = await import('./copy-ledger.js');
    const source = () => openLedgerSource(from);
    const target = () => openLedgerTarget(to);
    printCopied(io, json, await copyLedger(io, { source, target, checkFirst: from.endsWith('.jsonl') }));
  });
};

const isSame = (from: string, to: string): boolean => {
  try {
    return realpathSync(pathOf(from)) === realpathSync(pathOf(to));
  } catch {
    return from === to; // one of them is no file, or not yet
  }
};

const pathOf = (url: string): string => url.replace(/^sqlite:(\/\/)?/, '');

const sameLedger = (): NetfoldError =>
  new NetfoldError({
    code: 'replay.same_ledger',
    message: 'a ledger cannot be copied onto itself',
    where: '--to', // not what was given: the URL of a store may hold a password
    hint: 'name another place with --to',
  });
