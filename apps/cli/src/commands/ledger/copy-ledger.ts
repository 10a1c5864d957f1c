import { type LedgerSource, type LedgerTarget, type ReplayReport, replayLedger, verifyLedger } from '#event-store';
import { NetfoldError } from '#kernel';
import { type Io, print, printJson } from '../../output/io.js';
import { formatCount, Progress } from '../../output/progress.js';

/** What the commands that copy are given. */
export interface Copying {
  readonly source: () => Promise<LedgerSource>;
  readonly target: () => Promise<LedgerTarget>;
  /** Look at all of the source before anything is written. */
  readonly checkFirst: boolean;
}

/** Copies a ledger with a bar that shows how far it is; both ends are closed, whatever happens. */
export async function copyLedger(io: Io, { source, target, checkFirst }: Copying): Promise<ReplayReport> {
  const from = await source();
  try {
    const total = await from.count();
    if (checkFirst) await requireRight(io, from, total);
    const to = await target();
    const progress = new Progress(io, 'copying', total);
    try {
      return await replayLedger(from, to, { progress: progress.update, signal: io.interrupted });
    } finally {
      progress.end();
      await to.close();
    }
  } finally {
    await from.close();
  }
}

async function requireRight(io: Io, from: LedgerSource, total: number | undefined): Promise<void> {
  const progress = new Progress(io, 'checking', total);
  try {
    const { findings } = await verifyLedger(from, { progress: progress.update });
    if (findings[0]) throw new NetfoldError(findings[0]);
  } finally {
    progress.end();
  }
}

/** Says what was copied. */
export function printCopied(io: Io, json: boolean | undefined, { events, copied, heads }: ReplayReport): void {
  if (json) {
    printJson(io, { events, copied, heads: Object.fromEntries(heads) });
    return;
  }
  print(
    io,
    `Copied ${formatCount(copied)} events of ${heads.size} stream${heads.size === 1 ? '' : 's'}; every hash is right.`,
  );
  if (events > copied) print(io, `${formatCount(events - copied)} were there already.`);
}
