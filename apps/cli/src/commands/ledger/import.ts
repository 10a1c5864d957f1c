import { Command } from 'commander';
import { JsonLinesSource, openLedgerTarget } from '#event-store';
import { type CommandFactory, examples } from '../command.js';
import { copyLedger, defaultStore, printCopied } from './copy-ledger.js';

interface ImportOptions {
  readonly to?: string;
  readonly json?: boolean;
}

export const importCommand: CommandFactory = (io) => {
  const command = new Command('import')
    .summary('make a ledger of an export')
    .description(
      'Reads an export (see: netfold help export), checks every line and every hash, and only then copies it into the\n' +
        'ledger of a server that is stopped. When it is interrupted, the same command goes on where it stopped; a ledger\n' +
        'that holds anything else than the beginning of the export is left as it is.',
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
    const source = async () => JsonLinesSource.open(file);
    const target = () => openLedgerTarget(to);
    printCopied(io, json, await copyLedger(io, { source, target, checkFirst: true }));
  });
};
