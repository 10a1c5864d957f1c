import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { StateDirectory } from '#host';
import type { PairRecord } from '#psk';
import { PairRecords } from './pair-records.js';

const FILE = 'preshared-keys.json';
const key = (value: number) => new Uint8Array(32).fill(value);
const WHOLE: PairRecord = {
  epoch: 5,
  key: key(1),
  since: 1_800_000_000_000,
  context: key(2),
  pending: key(3),
  former: [key(4), key(5)],
  settled: false,
};

let folder: string;
let directory: StateDirectory;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'netfold-pairs-'));
  directory = await StateDirectory.open(folder);
});
afterEach(() => rm(folder, { recursive: true }));

describe('what was agreed on', () => {
  it('is on the disk, for its owner alone, when it is said to be', async () => {
    const records = await PairRecords.open(directory);
    records.put('n1', WHOLE);
    records.put('n2', { epoch: 1, former: [], settled: true });
    records.put('n3', WHOLE);
    records.delete('n3');
    await records.saved();
    expect((await stat(join(folder, FILE))).mode & 0o777).toBe(0o600);
    const again = await PairRecords.open(directory);
    expect([...again.known]).toEqual([
      ['n1', WHOLE],
      ['n2', { epoch: 1, former: [], settled: true }],
    ]);
  });

  it.each(['junk', '{"n1":{"epoch":1,"former":["AAAA"],"settled":true}}', '[]'])(
    'is begun anew when it is damaged: %s',
    async (text) => {
      await writeFile(join(folder, FILE), text);
      expect((await PairRecords.open(directory)).known.size).toBe(0);
    },
  );

  it('is not said to be on the disk when it is not', async () => {
    const records = await PairRecords.open(directory);
    jest.spyOn(directory, 'write').mockRejectedValueOnce(new Error('disk full'));
    records.put('n1', WHOLE);
    await expect(records.saved()).rejects.toThrow('disk full');
    expect(records.problem?.message).toBe('disk full');
    records.put('n1', WHOLE);
    await records.saved();
    expect(records.problem).toBeUndefined();
  });
});
