// A program that appends to a ledger until it is killed. On standard output it says `opening`, and then, for each
// append that was acknowledged, `STREAM REVISION`. What it writes follows from the head, so that the test knows
// every event that must be there.
//   node crash-writer.js LEDGER
import { writeSync } from 'node:fs';
import type { Head, LedgerEvent } from '../event.js';
import { headAfter, seal } from '../seal.js';
import { openSqliteEventStore } from '../sqlite/sqlite-event-store.js';
import { RECORDED_AT, testDraft } from './fixtures.js';

export const CRASH_STREAMS = ['tailnet-a', 'tailnet-b', 'tailnet-c'];

/** The append that follows `head`: one to eight events, large enough that they do not fit one page. */
export function crashBatch(stream: string, head: Head): LedgerEvent[] {
  const commandId = `command-${head.revision + 1}`;
  const size = 1 + (Number.parseInt(head.hash.slice(0, 8), 16) % 8);
  const drafts = Array.from({ length: size }, (_, i) =>
    testDraft({ stream, commandId, data: { i, size, filling: 'x'.repeat(2_000) } }),
  );
  return seal(head, drafts, RECORDED_AT);
}

async function writeUntilKilled(file: string): Promise<void> {
  writeSync(1, 'opening\n');
  const store = openSqliteEventStore(file);
  const write = async (stream: string) => {
    for (let head = await store.head(stream); ; ) {
      const events = crashBatch(stream, head);
      const { revision } = await store.append(stream, head.revision, events);
      writeSync(1, `${stream} ${revision}\n`);
      head = headAfter(head, events);
    }
  };
  await Promise.all(CRASH_STREAMS.map(write));
}

if (import.meta.main) await writeUntilKilled(process.argv[2] ?? '');
