import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { EMPTY_HEAD } from '../event.js';
import { headAfter } from '../seal.js';
import { collect, sealedEvent, testEvents } from '../testing/fixtures.js';
import { openSqliteEventStore } from './sqlite-event-store.js';

// A real disk of 2 MiB, so that the write-ahead log and its index meet the end of it too. Needs root for the mount.
let disk = '';
const fileIn = (name: string) => join(disk, name);

beforeAll(() => {
  disk = mkdtempSync(join(tmpdir(), 'netfold-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', disk]);
});
afterAll(() => {
  execFileSync('umount', [disk]);
  rmSync(disk, { recursive: true });
});

function fillDisk(): void {
  for (let i = 0; ; i++) {
    try {
      writeFileSync(fileIn(`filling-${i}`), Buffer.alloc(i === 0 ? 1_000_000 : 4096));
    } catch {
      return;
    }
  }
}

test('a full disk refuses appends and opening; with space again everything goes on', async () => {
  const full = { code: 'store.disk_full' };
  const store = openSqliteEventStore(fileIn('ledger.db'));
  const first = testEvents('tailnet-a', 10);
  await store.append('tailnet-a', -1, first);
  fillDisk();
  const head = headAfter(EMPTY_HEAD, first);
  const second = testEvents('tailnet-a', 50, head);
  await expect(store.append('tailnet-a', 9, second)).rejects.toMatchObject(full);
  expect(await store.head('tailnet-a')).toEqual(head);
  expect(() => openSqliteEventStore(fileIn('other.db'))).toThrow(expect.objectContaining(full));

  rmSync(fileIn('filling-0'));
  await store.append('tailnet-a', 9, second);
  await store.close();
  const reopened = openSqliteEventStore(fileIn('ledger.db'));
  expect((await collect(reopened.read('tailnet-a'))).map(sealedEvent)).toEqual([...first, ...second]);
  await reopened.close();
});
