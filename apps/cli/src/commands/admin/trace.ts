import { Command, Option } from 'commander';
import { CommandFailed } from '../../command-failed.js';
import { type Io, print, printJson, remark } from '../../output/io.js';
import { painter } from '../../output/style.js';
import { type CommandFactory, examples } from '../command.js';
import { number, seconds } from '../number-option.js';
import { type AdminOptions, adminOf, withQuery } from './admin-option.js';
import { summaryOf, type TraceReport, traceLines } from './trace-report.js';

interface TraceOptions extends AdminOptions {
  readonly node?: string;
  readonly wait?: boolean;
  readonly timeout: number;
  readonly all?: boolean;
}

const ROWS = 40;
/** So long one request may wait; the server ends longer ones. */
const MAX_WAIT_MS = 30_000;

export const traceCommand: CommandFactory = (io) => {
  const command = withQuery(new Command('trace'))
    .summary('see when an event took effect at which machine')
    .description(
      'For one event: which machines it concerned, what it changed for each, when each had applied that, and who is\n' +
        'still behind. A machine that is offline is behind until it comes back; one that left is not waited for.',
    )
    .argument('<revision>', 'its number in the log', number)
    .option('--node <node>', 'also show all that it changed for this machine')
    .option('--wait', 'wait until it is in force everywhere')
    .addOption(new Option('--timeout <seconds>', 'how long to wait').argParser(seconds).default(60_000, '60'))
    .option('--all', `show all machines, not only the first ${ROWS}`)
    .action((revision: number, options: TraceOptions) => trace(io, revision, options));
  return examples(
    command,
    ['netfold trace 41', 'who has it, and who is behind'],
    ['netfold trace 41 --wait --timeout 10', 'in scripts: fails when it is not in force by then'],
    ['netfold trace 41 --node laptop', 'and exactly what it changed there'],
  );
};

async function trace(io: Io, revision: number, options: TraceOptions): Promise<void> {
  const report = await reportOf(io, revision, options);
  if (options.json) printJson(io, report);
  else print(io, ...traceLines(report, painter(io), options.all ? Number.POSITIVE_INFINITY : ROWS));
  if (!options.wait || report.inForceAt !== undefined) return;
  remark(io, `netfold: not in force everywhere after ${options.timeout / 1000} s: ${summaryOf(report)}`);
  throw new CommandFailed();
}

/** Asks, again and again when it is to wait, until the event is in force everywhere or the time is up. */
async function reportOf(io: Io, revision: number, { node, wait, timeout, ...options }: TraceOptions) {
  const admin = adminOf(io, options);
  for (let left = wait ? timeout : 0; ; ) {
    const patience = Math.min(MAX_WAIT_MS, Math.ceil(left));
    const query = new URLSearchParams({ wait: String(patience), ...(node !== undefined && { node }) });
    const report = await admin.call<TraceReport>(`GET /trace/${revision}?${query}`, { signal: io.interrupted });
    left -= patience;
    if (report.inForceAt !== undefined || left <= 0) return report;
  }
}
