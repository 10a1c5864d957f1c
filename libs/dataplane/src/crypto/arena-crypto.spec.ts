import { describe, expect, test } from '@jest/globals';
import { type Crypto, NobleCrypto, selfTest } from '#crypto';
import { cryptoContract } from '#crypto/testing';
import { Arena } from '../memory/arena.js';
import { chooseDataPathCrypto } from './data-path-crypto.js';
import { EvpCrypto } from './evp-crypto.js';
import { PrimitiveCrypto } from './primitive-crypto.js';
import { SodiumCrypto } from './sodium-crypto.js';
import { SodiumLibrary } from './sodium-library.js';

const providers: [string, (arena: Arena) => Crypto][] = [
  ['openssl', (arena) => new EvpCrypto(arena)],
  ['openssl-primitives', (arena) => new PrimitiveCrypto(arena)],
];
// It comes neither with this program nor with Node.
if (hasSodium()) providers.push(['sodium', (arena) => new SodiumCrypto(arena)]);
else test.skip('sodium, of which this machine has no library', () => {});

function hasSodium(): boolean {
  try {
    return Boolean(new SodiumLibrary());
  } catch {
    return false;
  }
}

for (const [name, make] of providers) cryptoContract(name, make(new Arena(1 << 18)));

describe.each(providers)('%s', (_, make) => {
  test('agrees with the reference', () => {
    expect(selfTest(make(new Arena(1 << 18)), new NobleCrypto())).toEqual([]);
  });

  test('works on the arena in place, and touches nothing around', () => {
    const arena = new Arena(1 << 18);
    const aead = make(arena).aead(new Uint8Array(32).fill(7));
    const reference = new NobleCrypto().aead(new Uint8Array(32).fill(7));
    const counter = 2 ** 40 + 5;
    for (const length of [0, 1, 15, 16, 64, 65, 1419, 1420]) {
      const place = arena.take(2000) + 100;
      const around = [place - 100, place - 1, place + length + 16, place + length + 100];
      for (const at of around) arena.bytes[at] = 0xee;
      arena.bytes.fill(3, place, place + length);
      aead.sealInPlace(counter, arena.bytes, place, place + length);
      const expected = new Uint8Array(length + 16).fill(3);
      reference.sealInPlace(counter, expected, 0, length);
      expect(arena.bytes.slice(place, place + length + 16)).toEqual(expected);
      expect(aead.openInPlace(counter - 1, arena.bytes.slice(), place, place + length + 16)).toBe(false);
      expect(aead.openInPlace(counter, arena.bytes, place, place + length + 16)).toBe(true);
      expect(arena.bytes.slice(place, place + length)).toEqual(new Uint8Array(length).fill(3));
      expect(around.map((at) => arena.bytes[at])).toEqual([0xee, 0xee, 0xee, 0xee]);
    }
  });

  test('keeps keys apart', () => {
    const arena = new Arena(1 << 18);
    const crypto = make(arena);
    const [one, two] = [crypto.aead(new Uint8Array(32).fill(1)), crypto.aead(new Uint8Array(32).fill(2))];
    const place = arena.take(200) + 64;
    one.sealInPlace(1, arena.bytes, place, place + 32);
    expect(two.openInPlace(1, arena.bytes.slice(), place, place + 48)).toBe(false);
    two.wipe();
    expect(one.openInPlace(1, arena.bytes, place, place + 48)).toBe(true);
  });
});

test('a data path uses one that is right, and tells of all the others why not', () => {
  const { crypto, outcomes } = chooseDataPathCrypto();
  expect(selfTest(crypto, new NobleCrypto())).toEqual([]);
  expect(outcomes.filter(({ rejected }) => rejected === undefined).map(({ name }) => name)).toEqual([crypto.name]);
  expect(outcomes.find(({ name }) => name === 'noble')).toMatchObject({ rejected: 'slower' });
  expect(chooseDataPathCrypto('noble').crypto.name).toBe('noble');
});
