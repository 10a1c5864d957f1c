import { type LedgerReport, openLedgerSource, verifyLedger } from '#event-store';
import { type Problem, toBase64 } from '#kernel';
import type { Checkpoint } from '#merkle';
import { CommandFailed } from '../../command-failed.js';
import { type Io, print, printJson, remark } from '../../output/io.js';
import { formatProblem } from '../../output/problem.js';
import { formatCount, Progress } from '../../output/progress.js';
import { painter } from '../../output/style.js';
import { formatTable } from '../../output/table.js';

/** Verifies a ledger by itself and with what was signed about it; fails when anything is wrong. */
export async function verifyStore(
  io: Io,
  store: string,
  checkpoints: readonly Checkpoint[],
  json: boolean | undefined,
): Promise<void> {
  const source = await openLedgerSource(store);
  const progress = new Progress(io, 'verifying', await source.count());
  try {
    const report = await verifyLedger(source, { checkpoints, progress: progress.update });
    progress.end();
    if (json) printJson(io, documentOf(report));
    else show(io, report);
    if (report.findings.length > 0) throw new CommandFailed();
  } finally {
    progress.end();
    await source.close();
  }
}

/** The streams whose end nothing vouches for. */
const unproven = ({ streams, findings }: LedgerReport): string[] =>
  streams
    .filter(({ stream, confirmed }) => confirmed.length === 0 && !findings.some((one) => one.stream === stream))
    .map(({ stream }) => stream);

const documentOf = (report: LedgerReport) => ({
  ok: report.findings.length === 0,
  events: report.events,
  streams: report.streams.map(({ stream, head, root, confirmed }) => ({
    stream,
    events: head.revision + 1,
    head,
    root: toBase64(root),
    confirmed,
  })),
  findings: report.findings,
  unproven: unproven(report),
});

function show(io: Io, report: LedgerReport): void {
  const open = unproven(report);
  const rows = report.streams.map(({ stream, head, confirmed }) => [
    stream,
    formatCount(head.revision + 1),
    head.hash.slice(0, 16),
    confirmed.length > 0
      ? `the first ${formatCount(Math.max(...confirmed))} as signed`
      : open.includes(stream)
        ? 'no checkpoint'
        : '-',
  ]);
  if (rows.length > 0) print(io, ...formatTable([['STREAM', 'RIGHT', 'HASH OF THE LAST', 'CHECKPOINT'], ...rows], [1]));
  const paint = painter(io, 'stderr');
  for (const finding of report.findings) {
    const [first = '', ...rest] = formatProblem(finding satisfies Problem).split('\n');
    remark(io, [paint('red', first), ...rest].join('\n'));
  }
  if (report.findings.length > 0) return;
  print(io, '', `Every hash of ${formatCount(report.events)} events is right.`);
  if (open.length === 0) return;
  print(
    io,
    `No checkpoint was given for ${open.join(', ')}: whether events at the end were removed there, or all of history was`,
    'written anew with new hashes, cannot be known from the ledger alone.',
    'Keep checkpoints elsewhere (netfold checkpoint > FILE), and give them: --checkpoint FILE --key KEY',
  );
}
