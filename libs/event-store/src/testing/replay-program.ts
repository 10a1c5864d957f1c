// A program that copies a ledger until it is done or killed: after each batch it says `copied N`, and goes on when it is told
// to by a byte of its input, or when that has ended.
//   node replay-program.js FROM TO
import { readSync, writeSync } from 'node:fs';
import { openLedgerSource, openLedgerTarget } from '../transfer/open-ledger.js';
import { replayLedger } from '../transfer/replay-ledger.js';

/** Where `compiledCopy` puts it. */
export const REPLAY_PROGRAM = 'libs/event-store/src/testing/replay-program.js';

async function run(from: string, to: string): Promise<void> {
  const [source, target] = [await openLedgerSource(from), await openLedgerTarget(to)];
  const progress = (done: number) => {
    writeSync(1, `copied ${done}\n`);
    readSync(0, new Uint8Array(1));
  };
  await replayLedger(source, target, { progress });
  await target.close();
}

if (import.meta.main) await run(process.argv[2] ?? '', process.argv[3] ?? '');
