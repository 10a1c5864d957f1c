import { once } from 'node:events';
import { Command } from 'commander';
import type { Io } from '../../output/io.js';
import { type CommandFactory, examples } from '../command.js';
import { defaultStore } from './default-store.js';

interface ExportOptions {
  readonly store?: string;
  readonly to: string;
  readonly json?: boolean;
}

export const exportCommand: CommandFactory = (io) => {
  const command = new Command('export')
    .summary('write the whole ledger as JSON lines')
    .description(
      'Writes all events of all streams as JSON lines, beside a running server too:\n' +
        '  {"format":"netfold-ledger","version":1}\n' +
        '  {"event":{…},"hash":"…"}                      each event, its text exactly as its hash covers it\n' +
        '  {"end":{"events":N,"heads":{STREAM:{…}}}}     without this line the export is cut off\n' +
        'A hash is SHA-256 over the hash before it in the same stream (64 zeros for the first) and the\n' +
        'event’s text. A file appears when it is whole; an interrupted export is continued by the same\n' +
        'command, and so is an older one. What the ledger seals of persons stays sealed: the keys of the\n' +
        'server are not part of the export.',
    )
    .option('--store <ledger>', `the ledger.db or kurrentdb://HOST of a server (default: ${defaultStore(io)})`)
    .option('--to <file>', 'where to; - is standard output', '-')
    .option('--json', 'print what was written, as JSON; not with standard output');
  examples(
    command,
    ['netfold export --to ledger.jsonl', 'a backup that needs no netfold to be read'],
    ['netfold export | jq -c .event.type', 'look at all events'],
  );
  return command.action(async ({ store = defaultStore(io), to, json }: ExportOptions) => {
    const { JsonLinesTarget, LineWriter, openLedgerSource } = await import('#event-store');
    const { copyLedger, printCopied } = await import('./copy-ledger.js');
    const source = () => openLedgerSource(store);
    const target = async () => (to === '-' ? new LineWriter('standard output', writer(io)) : JsonLinesTarget.open(to));
    const copied = await copyLedger(io, { source, target, checkFirst: false });
    if (to !== '-') printCopied(io, json, copied);
  });
};

const writer =
  ({ stdout }: Io) =>
  async (text: string): Promise<void> => {
    if (!stdout.write(text)) await once(stdout, 'drain');
  };
