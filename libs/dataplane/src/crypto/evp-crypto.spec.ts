import { expect, test } from '@jest/globals';
import { NobleCrypto, selfTest } from '#crypto';
import { cryptoContract } from '#crypto/testing';
import { Arena } from '../memory/arena.js';
import { EvpCrypto } from './evp-crypto.js';

cryptoContract('openssl', new EvpCrypto(new Arena(1 << 18)));

test('agrees with the reference', () => {
  expect(selfTest(new EvpCrypto(new Arena(1 << 18)), new NobleCrypto())).toEqual([]);
});

test('works on the arena in place, and touches nothing around', () => {
  const arena = new Arena(1 << 18);
  const aead = new EvpCrypto(arena).aead(new Uint8Array(32).fill(7));
  const reference = new NobleCrypto().aead(new Uint8Array(32).fill(7));
  const place = arena.take(2000) + 8;
  const around = [place - 1, place + 1436];
  for (const at of around) arena.bytes[at] = 0xee;
  arena.bytes.fill(3, place, place + 1420);
  aead.sealInPlace(2 ** 40 + 5, arena.bytes, place, place + 1420);
  const expected = new Uint8Array(1436).fill(3);
  reference.sealInPlace(2 ** 40 + 5, expected, 0, 1420);
  expect(arena.bytes.subarray(place, place + 1436)).toEqual(expected);
  expect(aead.openInPlace(2 ** 40 + 4, arena.bytes.slice(), place, place + 1436)).toBe(false);
  expect(aead.openInPlace(2 ** 40 + 5, arena.bytes, place, place + 1436)).toBe(true);
  expect(arena.bytes.subarray(place, place + 1420)).toEqual(new Uint8Array(1420).fill(3));
  expect(around.map((at) => arena.bytes[at])).toEqual([0xee, 0xee]);
});
