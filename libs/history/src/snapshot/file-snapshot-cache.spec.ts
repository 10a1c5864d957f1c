import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { snapshotCacheContract } from '../testing/snapshot-cache-contract.js';
import { FileSnapshotCache } from './file-snapshot-cache.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'netfold-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

snapshotCacheContract('files', () => new FileSnapshotCache(join(folder, 'snapshots')));

const KEY = { stream: 'tailnet-a', revision: 12, part: 'state' } as const;

test('files are for their owner only', async () => {
  await new FileSnapshotCache(join(folder, 'snapshots')).write(KEY, Uint8Array.of(1));
  const [file] = readdirSync(join(folder, 'snapshots/tailnet-a'));
  expect(file).toBe('000000000012.state');
  const modes = ['snapshots', 'snapshots/tailnet-a', `snapshots/tailnet-a/${file}`].map((path) =>
    (statSync(join(folder, path)).mode & 0o777).toString(8),
  );
  expect(modes).toEqual(['700', '700', '600']);
});

test('a write that was cut off leaves what was there, is not listed, and goes with the rest', async () => {
  const cache = new FileSnapshotCache(folder);
  await cache.write(KEY, Uint8Array.of(1));
  const remains = join(folder, 'tailnet-a', `000000000012.state.${process.pid}.new`);
  writeFileSync(remains, 'half');
  expect(await cache.revisions('tailnet-a', 'state')).toEqual([12]);
  expect([...((await cache.read(KEY)) ?? [])]).toEqual([1]);
  await cache.write(KEY, Uint8Array.of(2));
  expect(readdirSync(join(folder, 'tailnet-a'))).toEqual(['000000000012.state']);
  writeFileSync(remains, 'half');
  await cache.discard('tailnet-a');
  expect(readdirSync(folder)).toEqual([]);
});

test('what cannot be written is an error of the system', async () => {
  writeFileSync(join(folder, 'tailnet-a'), 'a file where a folder belongs');
  await expect(new FileSnapshotCache(folder).write(KEY, Uint8Array.of(1))).rejects.toMatchObject({ code: 'EEXIST' });
});
