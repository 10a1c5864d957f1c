import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { digestOf, type EncodedItem, type Encoder, emptyDigest, updateDigest } from './digest.js';
import { type Item, keyOf, type RouteItem } from './item.js';
import { applyDiff, diffNetmaps, emptyNetmap, type Netmap } from './netmap.js';
import { encodeJson } from './testing/encode-json.js';

const route = fc
  .record({ n: fc.nat(12), via: fc.constantFrom('a', 'b', 'c') })
  .map(
    ({ n, via }): RouteItem => ({ kind: 'route', id: `10.${n}.0.0/16`, prefix: `10.${n}.0.0/16`, via, standby: [] }),
  );
const netmap = fc
  .array(route, { maxLength: 10 })
  .map((items): Netmap => new Map(items.map((item) => [keyOf(item), item])));

/** An encoder that says that an item has this hash. */
const hashing =
  (hash: (item: Item) => Uint8Array): Encoder =>
  (item): EncodedItem => ({ bytes: new Uint8Array(), hash: hash(item) });

describe('the digest of a netmap', () => {
  test('does not depend on the order of its items', () => {
    fc.assert(
      fc.property(netmap, (items) => {
        expect(digestOf(new Map([...items].reverse()), encodeJson)).toEqual(digestOf(items, encodeJson));
      }),
    );
  });

  test('follows any step', () => {
    fc.assert(
      fc.property(netmap, netmap, (before, after) => {
        const diff = diffNetmaps(before, after);
        expect(updateDigest(digestOf(before, encodeJson), diff, encodeJson)).toEqual(digestOf(after, encodeJson));
        expect(new Map(applyDiff(before, diff))).toEqual(new Map(after));
      }),
    );
  });

  test('tells different netmaps apart', () => {
    fc.assert(
      fc.property(netmap, netmap, (a, b) => {
        const text = (items: Netmap) => JSON.stringify([...items.values()].sort((x, y) => (x.id < y.id ? -1 : 1)));
        fc.pre(text(a) !== text(b));
        expect(digestOf(a, encodeJson)).not.toEqual(digestOf(b, encodeJson));
      }),
    );
  });

  test('is a sum modulo 2^256, least significant byte first', () => {
    const number = (bytes: Uint8Array) => bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ minLength: 32, maxLength: 32 }), { maxLength: 6 }), (hashes) => {
        const items = hashes.map(
          (_, n): RouteItem => ({ kind: 'route', id: `${n}`, prefix: `${n}`, via: 'a', standby: [] }),
        );
        const encode = hashing((item) => hashes[Number(item.id)] as Uint8Array);
        const digest = digestOf(new Map(items.map((item) => [keyOf(item), item])), encode);
        expect(number(digest)).toBe(hashes.map(number).reduce((sum, hash) => (sum + hash) % (1n << 256n), 0n));
      }),
    );
  });

  test('wraps around at both ends', () => {
    const most = hashing(() => new Uint8Array(32).fill(255));
    const one: RouteItem = { kind: 'route', id: 'x', prefix: 'x', via: 'a', standby: [] };
    const diff = diffNetmaps(emptyNetmap, new Map([[keyOf(one), one]]));
    expect(updateDigest(Uint8Array.of(1, ...new Uint8Array(31)), diff, most)).toEqual(emptyDigest);
    expect(updateDigest(emptyDigest, diffNetmaps(new Map([[keyOf(one), one]]), emptyNetmap), most)).toEqual(
      Uint8Array.of(1, ...new Uint8Array(31)),
    );
  });

  test('leaves the digest that it starts from alone', () => {
    const before = Uint8Array.from({ length: 32 }, (_, n) => n);
    const one: RouteItem = { kind: 'route', id: 'x', prefix: 'x', via: 'a', standby: [] };
    updateDigest(before, diffNetmaps(emptyNetmap, new Map([[keyOf(one), one]])), encodeJson);
    expect(before[31]).toBe(31);
  });
});
