import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openSqliteEventStore } from '../sqlite/sqlite-event-store.js';
import { compiledCopy } from '../testing/compiled-copy.js';
import { collect } from '../testing/fixtures.js';
import { appendInterleaved } from '../testing/interleaved.js';
import { REPLAY_PROGRAM } from '../testing/replay-program.js';
import { openLedgerSource } from './open-ledger.js';
import { verifyLedger } from './verify-ledger.js';

const STREAMS = ['directory', 'tailnet-a', 'tailnet-b'];

let folder = '';
const fileIn = (name: string) => join(folder, name);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'netfold-'));
  compiledCopy(folder);
  const store = openSqliteEventStore(fileIn('ledger.db'));
  const appends = Array.from({ length: 240 }, (_, i) => [STREAMS[i % 3] ?? '', 1 + (i % 97)] as const);
  await appendInterleaved(store, appends);
  await store.close();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Copies so many batches, and kills the copy over the next one; whether it was done before. */
async function copyAndKill(to: string, batches: number, turns: number): Promise<boolean> {
  const copy = spawn(process.execPath, [fileIn(REPLAY_PROGRAM), fileIn('ledger.db'), fileIn(to)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  copy.stdin.on('error', () => {}); // it may be gone
  const ended = once(copy, 'close');
  let said = 0;
  for await (const _ of createInterface(copy.stdout)) {
    said += 1;
    if (said <= batches) copy.stdin.write('.');
    if (said !== batches) continue;
    for (let turn = 0; turn < turns; turn++) await nextTurn();
    copy.kill('SIGKILL');
  }
  const [code] = await ended;
  return code === 0;
}

async function contentOf(name: string) {
  const source = await openLedgerSource(fileIn(name));
  const rows = await collect(source.rows());
  await source.close();
  return rows.map(({ stream, revision, hash, body }) => ({ stream, revision, hash, body }));
}

test.each(['copy.db', 'copy.jsonl'])('%s is whole, however often its copy is killed on the way', async (name) => {
  let kills = 0;
  while (!(await copyAndKill(name, 1 + (kills % 3), (kills * 67) % 400))) {
    kills += 1;
    if (name === 'copy.jsonl') {
      // A kill may come between the renaming and the program's end: what bears the export's name is whole.
      if (existsSync(fileIn(name))) expect(await contentOf(name)).toEqual(await contentOf('ledger.db'));
      continue;
    }
    const source = await openLedgerSource(fileIn(name));
    expect((await verifyLedger(source)).findings).toEqual([]);
    await source.close();
  }
  expect(kills).toBeGreaterThan(4);
  expect(await contentOf(name)).toEqual(await contentOf('ledger.db'));
  if (name === 'copy.jsonl') expect(readFileSync(fileIn(name), 'utf8').split('\n').at(-2)).toContain('{"end":');
  rmSync(fileIn(name));
});
