import { Command } from 'commander';
import { print, printJson } from '../../output/io.js';
import { painter } from '../../output/style.js';
import { formatTable } from '../../output/table.js';
import { formatInstant } from '../../output/time.js';
import { type CommandFactory, examples } from '../command.js';
import { number } from '../number-option.js';
import { type AdminOptions, adminOf, withQuery } from './admin-option.js';
import { byWhom, fromWhere, type LogEntry } from './log-entry.js';

interface Shown {
  readonly event: LogEntry;
  readonly lines?: readonly string[];
}

export const showEvent: CommandFactory = (io) => {
  const command = withQuery(new Command('show'))
    .summary('show one event whole')
    .argument('<revision>', 'its number in the log', number)
    .action(async (revision: number, options: AdminOptions) => {
      const shown = await adminOf(io, options).call<Shown>(`GET /events/${revision}`);
      if (options.json) return printJson(io, shown);
      const { event, lines } = shown;
      print(io, ...formatTable(facts(event)), '');
      if (!lines) return print(io, JSON.stringify(event.data, undefined, 2));
      const paint = painter(io);
      return print(io, ...lines.map((line) => paint(line.startsWith('+') ? 'green' : 'red', line)));
    });
  return examples(
    command,
    ['netfold log show 41', 'who, what, when, from where and why'],
    ['netfold log show 41 --json', 'exactly as the ledger has it'],
  );
};

const facts = (event: LogEntry): string[][] => [
  ['revision', String(event.revision)],
  ['what', event.summary],
  ['why', event.reason ?? '-'],
  ['by', `${byWhom(event)} (${event.actor.kind} ${event.actor.id})`],
  ['from', fromWhere(event)],
  ['when', `${formatInstant(event.recordedAt)} UTC`],
  ['event', `${event.type} ${event.id}`],
  ['command', event.commandId],
  ['hash', event.hash],
];
