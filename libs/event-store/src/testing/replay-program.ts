// A program that copies a ledger until it is done or killed, and says `copied N` after each batch.
//   node replay-program.js FROM TO
import { writeSync } from 'node:fs';
import { openLedgerSource, openLedgerTarget } from '../transfer/open-ledger.js';
import { replayLedger } from '../transfer/replay-ledger.js';

/** Where `compiledCopy` puts it. */
export const REPLAY_PROGRAM = 'libs/event-store/src/testing/replay-program.js';

async function run(from: string, to: string): Promise<void> {
  const [source, target] = [await openLedgerSource(from), await openLedgerTarget(to)];
  await replayLedger(source, target, { progress: (done) => writeSync(1, `copied ${done}\n`) });
  await target.close();
}

if (import.meta.main) await run(process.argv[2] ?? '', process.argv[3] ?? '');
