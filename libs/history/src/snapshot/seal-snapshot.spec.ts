import { expect, test } from '@jest/globals';
import { openSnapshot, type SnapshotHeader, sealSnapshot } from './seal-snapshot.js';

const SECRET = new Uint8Array(32).fill(1);
const HEADER: SnapshotHeader = {
  stream: 'tailnet-a',
  revision: 12,
  part: 'state',
  codec: '1 of 1.0.0',
  hash: 'ab'.repeat(32),
  recordedAt: 1_793_520_000_000,
};
const LINES = ['["revision",12]', '["tailnet",{"name":"höme"}]'];
const open = (bytes: Uint8Array, key = {}, codec = HEADER.codec, secret = SECRET) =>
  openSnapshot(bytes, { ...HEADER, ...key }, codec, secret);

test('what was sealed is opened', async () => {
  const opened = open(await sealSnapshot(HEADER, LINES, SECRET));
  expect(opened.header).toEqual(HEADER);
  expect(await opened.lines()).toEqual(LINES);
});

test('not with any byte changed, nor cut off anywhere, nor longer', async () => {
  const good = await sealSnapshot(HEADER, LINES, SECRET);
  const damaged: Uint8Array[] = [new Uint8Array(0), new Uint8Array([...good, 0])];
  for (let i = 0; i < good.length; i++) {
    damaged.push(
      good.map((byte, at) => (at === i ? byte ^ (1 << (i % 8)) : byte)),
      good.subarray(0, i),
    );
  }
  for (const bytes of damaged) {
    expect(() => open(bytes)).toThrow(expect.objectContaining({ code: 'snapshot.damaged' }));
  }
});

test('not as another than it is, by another program, or with the secret of another server', async () => {
  const good = await sealSnapshot(HEADER, LINES, SECRET);
  const code = (expected: string) => expect.objectContaining({ code: expected });
  for (const other of [{ stream: 'tailnet-b' }, { revision: 13 }, { part: 'rest' }]) {
    expect(() => open(good, other)).toThrow(code('snapshot.damaged'));
  }
  expect(() => open(good, {}, '2 of 1.0.0')).toThrow(code('snapshot.other_codec'));
  expect(() => open(good, {}, HEADER.codec, new Uint8Array(32))).toThrow(code('snapshot.damaged'));
});
