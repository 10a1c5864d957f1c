import { Command } from 'commander';
import type { LedgerRecord } from '../../../../agent/src/checkpoint/ledger-record.js';
import type { AcceptLedgerRequest } from '../../../../agent/src/local-api/messages.js';
import { print, printJson } from '../../output/io.js';
import { formatInstant } from '../../output/time.js';
import { type CommandFactory, examples } from '../command.js';
import { agentOf, withSocket } from './agent-option.js';

interface LedgerOptions {
  readonly socket?: string;
  readonly json?: boolean;
}

export const ledgerCommand: CommandFactory = (io) => {
  const command = new Command('ledger')
    .summary('see, and accept, the ledger that this machine holds the server to')
    .description(
      'This machine takes a netmap only with a signed checkpoint of the ledger, and a proof that the ledger\n' +
        'only grew since the last one. When the server shows another history, the last good netmap stays in\n' +
        'force until that history is accepted here, or the true one is back.',
    )
    .addCommand(showLedger(io))
    .addCommand(acceptLedger(io));
  return examples(
    command,
    ['netfold ledger show', 'the key, the last checkpoint, and what is wrong'],
    ['netfold ledger accept', 'after the server was restored from a backup'],
    ['netfold ledger accept --key netfold/tailnet-…', 'after the server has lost its secret'],
  );
};

const showLedger: CommandFactory = (io) =>
  withSocket(new Command('show'))
    .summary('print the pinned key, the last proven checkpoint, and the alarm if there is one')
    .option('--json', 'print them as JSON')
    .action(async ({ socket, json }: LedgerOptions) => {
      const record = await agentOf(io, socket).call<LedgerRecord>('GET /ledger');
      if (json) return printJson(io, record);
      const { key, note, alarm } = record;
      print(io, `Key: ${key ?? 'none is pinned yet'}`, '');
      print(
        io,
        ...(note === null ? ['No checkpoint was proven yet.'] : ['The last proven checkpoint:', '', ...indented(note)]),
      );
      if (!alarm) return undefined;
      print(io, '', `ALARM: ${alarm.message}`, `  since ${formatInstant(alarm.since)} UTC [${alarm.code}]`);
      if (alarm.note !== null) print(io, '', 'What the server showed then:', '', ...indented(alarm.note));
      const over = `the server shows the true ledger again, since ${formatInstant(alarm.over ?? 0)} UTC`;
      const what =
        alarm.over === undefined ? alarm.hint.split('\n') : [over, 'to end the alarm: netfold ledger accept'];
      return print(io, '', ...what);
    });

const acceptLedger: CommandFactory = (io) =>
  withSocket(new Command('accept'))
    .summary('take the ledger that the server shows next for the right one')
    .description(
      'Forgets the checkpoints so far, takes the next one that the server shows, and ends the alarm. Do it\n' +
        'only when you know why history changed; an admin can compare: netfold checkpoint, and here: netfold\n' +
        'ledger show. When the server shows the true ledger again, it only ends the alarm.',
    )
    .option('--key <key>', 'the key that the ledger must be signed with from now on (default: the pinned one)')
    .option('--json', 'print what is remembered now, as JSON')
    .action(async ({ socket, json, key }: LedgerOptions & AcceptLedgerRequest) => {
      const record = await agentOf(io, socket).call<LedgerRecord>('POST /ledger/accept', key ? { key } : {});
      if (json) printJson(io, record);
      else if (record.note === null) print(io, 'The next ledger that the server shows is the right one.');
      else print(io, 'The alarm is over. This machine holds the server to the ledger that it knows.');
    });

const indented = (note: string): string[] =>
  note
    .trimEnd()
    .split('\n')
    .map((line) => `  ${line}`.trimEnd());
