import { Command } from 'commander';
import { type CommandFactory, examples } from '../command.js';
import { defaultStore } from './default-store.js';

interface ImportOptions {
  readonly to?: string;
  readonly json?: boolean;
}

export const importCommand: CommandFactory = (io) => {
  const command = new Command('import')
    .summary('make a ledger of an export')
    .description(
      'Reads an export (see: netfold help export), checks every line and every hash, and only then copies\n' +
        'it into the ledger of a server that is stopped. When it is interrupted, the same command goes on\n' +
        'where it stopped; a ledger that holds anything else than the beginning of the export is left as it is.',
    )
    .argument('<file>', 'the export')
    .option('--to <ledger>', `the ledger, made when there is none (default: ${defaultStore(io)})`)
    .option('--json', 'print what was copied, as JSON');
  examples(
    command,
    ['netfold import ledger.jsonl --to /var/lib/netfold/server/ledger.db', 'restore a backup'],
    ['netfold verify --store ledger.jsonl', 'only look whether it is right'],
  );
  return command.action(async (file: string, { to = defaultStore(io), json }: ImportOptions) => {
    const { JsonLinesSource, openLedgerTarget } = await import('#event-store');
    const { copyLedger, printCopied } = await import('./copy-ledger.js');
    const source = async () => JsonLinesSource.open(file);
    const target = () => openLedgerTarget(to);
    printCopied(io, json, await copyLedger(io, { source, target, checkFirst: true }));
  });
};
