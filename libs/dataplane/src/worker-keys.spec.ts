import { beforeEach, expect, test } from '@jest/globals';
import { NobleCrypto } from '#crypto';
import { WorkerKeys } from './worker-keys.js';

const crypto = new NobleCrypto();
const key = (byte: number) => new Uint8Array(32).fill(byte);
const publicKey = (byte: number) => crypto.dhPublicKey(key(byte));
const DAY = 86_400_000;
let now = 5_000;
let keys: WorkerKeys;

const set = (byte: number) => keys.note({ call: 'setPrivateKey', words: [key(byte)] });
const rotate = (byte: number, overlap?: number) => keys.note({ call: 'rotatePrivateKey', words: [key(byte), overlap] });
const retire = (byte: number, delay?: number) => keys.note({ call: 'retireIdentity', words: [publicKey(byte), delay] });
/** The first byte of each key, and how long it is good for, ms. */
const replayed = () => keys.replay().map(({ call, words }) => [call, words[0][0], ...words.slice(1)]);

beforeEach(() => {
  now = 5_000;
  keys = new WorkerKeys(() => now);
  set(1);
});

test('a former key is good for as long as it was to be, and not for that long once more', () => {
  rotate(2, Number.POSITIVE_INFINITY);
  now += DAY;
  expect(replayed()).toEqual([
    ['setPrivateKey', 1],
    ['rotatePrivateKey', 2, Number.POSITIVE_INFINITY],
  ]);
  retire(1, 180_000);
  now += 60_000;
  expect(replayed()).toEqual([
    ['setPrivateKey', 1],
    ['rotatePrivateKey', 2, 120_000],
  ]);
  now += 120_000;
  expect(replayed()).toEqual([['setPrivateKey', 2]]);
});

test('three minutes are what a former key is given where nothing else is said, and none where it is retired', () => {
  rotate(2);
  now += 100_000;
  rotate(3, 1_000);
  expect(replayed()).toEqual([
    ['setPrivateKey', 1],
    ['rotatePrivateKey', 2, 80_000],
    ['rotatePrivateKey', 3, 1_000],
  ]);
  retire(1);
  retire(3); // the current one stays
  expect(replayed()).toEqual([
    ['setPrivateKey', 2],
    ['rotatePrivateKey', 3, 1_000],
  ]);
  now += DAY;
  expect(replayed()).toEqual([['setPrivateKey', 3]]);
  expect(keys.current).toEqual(key(3));
});

test('a key that was retired comes back as the current one', () => {
  rotate(2, Number.POSITIVE_INFINITY);
  retire(1);
  rotate(1);
  retire(2);
  expect(replayed()).toEqual([['setPrivateKey', 1]]);
});

test('a key without any tie to those before ends them, unless it is the current one; zeros are none', () => {
  rotate(2);
  set(2);
  expect(replayed()).toHaveLength(2);
  set(4);
  expect(replayed()).toEqual([['setPrivateKey', 4]]);
  set(0);
  expect([replayed(), keys.current]).toEqual([[], undefined]);
});

test('no more former keys are kept than an engine answers under', () => {
  for (let i = 2; i <= 50; i++) rotate(i, Number.POSITIVE_INFINITY);
  expect(replayed().map(([, byte]) => byte)).toEqual([47, 48, 49, 50]);
});
