import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { EMPTY_HEAD, type Head } from '../event.js';
import type { EventStore } from '../event-store.js';
import { headAfter } from '../seal.js';
import { compiledCopy } from '../testing/compiled-copy.js';
import { CRASH_STREAMS, crashBatch } from '../testing/crash-writer.js';
import { collect, sealedEvent } from '../testing/fixtures.js';
import { verifyChain } from '../verify-chain.js';
import { openSqliteEventStore } from './sqlite-event-store.js';

const KILLS = Math.ceil(24 * Number(process.env.PROPERTY_FACTOR));

let folder = '';
const fileIn = (name: string) => join(folder, name);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'netfold-'));
  compiledCopy(folder);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const startWriter = (file: string): ChildProcessByStdio<null, Readable, null> =>
  spawn(process.execPath, [fileIn('libs/event-store/src/testing/crash-writer.js'), file], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });

/**
 * Kills a writer `turns` turns of the event loop after it has said `lines` lines, so that it dies anywhere between
 * two commits; answers with the last acknowledged revision of each stream.
 */
async function writeAndKill(file: string, lines: number, turns: number): Promise<Map<string, number>> {
  const writer = startWriter(file);
  const acknowledged = new Map<string, number>();
  const killed = once(writer, 'close');
  const kill = async () => {
    for (let turn = 0; turn < turns; turn++) await nextTurn();
    writer.kill('SIGKILL');
  };
  let said = 0;
  for await (const line of createInterface(writer.stdout)) {
    said += 1;
    if (said === lines) void kill();
    const [stream, revision] = line.split(' ');
    if (stream && revision) acknowledged.set(stream, Number(revision));
  }
  expect(await killed).toEqual([null, 'SIGKILL']);
  return acknowledged;
}

/** The head after `head`, when the store holds nothing behind it but whole appends of the writer. */
async function verifiedHead(store: EventStore, stream: string, head: Head): Promise<Head> {
  const stored = (await collect(store.read(stream, { from: head.revision + 1 }))).map(sealedEvent);
  let last = head;
  while (stored.length > 0) {
    const batch = crashBatch(stream, last);
    expect(stored.splice(0, batch.length)).toEqual(batch);
    last = headAfter(last, batch);
  }
  expect(await store.head(stream)).toEqual(last);
  return last;
}

/** Numbers from 0 below `bound` that are the same in every run. */
function* seededNumbers(seed: number, bound: number): Generator<number, never> {
  for (let state = seed; ; ) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0; // Numerical Recipes, 7.1
    yield Math.floor((state / 2 ** 32) * bound);
  }
}

test('a writer that is killed loses nothing that it acknowledged, and leaves no append half done', async () => {
  const file = fileIn('ledger.db');
  const heads = new Map<string, Head>(CRASH_STREAMS.map((stream) => [stream, EMPTY_HEAD]));
  const random = seededNumbers(20_261_101, 60);
  for (let kill = 0; kill < KILLS; kill++) {
    const acknowledged = await writeAndKill(file, 1 + random.next().value, random.next().value);
    const store = openSqliteEventStore(file);
    for (const [stream, head] of heads) {
      const found = await verifiedHead(store, stream, head);
      expect(found.revision).toBeGreaterThanOrEqual(acknowledged.get(stream) ?? head.revision);
      heads.set(stream, found);
    }
    await store.close();
  }
  const store = openSqliteEventStore(file);
  for (const [stream, head] of heads) {
    expect(head.revision).toBeGreaterThan(KILLS);
    expect(await verifyChain(store.read(stream), { through: head })).toEqual(head);
  }
  await store.close();
});

test('while a process writes, no other may; when it is killed, the next one may', async () => {
  const file = fileIn('locked.db');
  const writer = startWriter(file);
  const killed = once(writer, 'exit');
  try {
    for await (const line of createInterface(writer.stdout)) if (line !== 'opening') break;
    expect(() => openSqliteEventStore(file)).toThrow(
      expect.objectContaining({ code: 'store.locked', where: file, hint: expect.stringContaining('Stop the other') }),
    );
  } finally {
    writer.kill('SIGKILL');
    await killed;
  }
  await openSqliteEventStore(file).close();
});
