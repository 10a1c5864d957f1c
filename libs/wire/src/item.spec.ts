import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { utf8 } from '#kernel';
import { decodeItem, encodeItem } from './item.js';
import { itemArbitrary } from './testing.js';

describe('items', () => {
  test('survive the wire, and hash the same at both ends', () => {
    fc.assert(
      fc.property(itemArbitrary, (item) => {
        const sent = encodeItem(item);
        const received = decodeItem(sent.bytes);
        expect(received).toEqual(item);
        expect(encodeItem(received).hash).toEqual(sent.hash);
      }),
    );
  });

  test('equal items are equal bytes', () => {
    fc.assert(
      fc.property(itemArbitrary, (item) => {
        const twin = structuredClone(item);
        expect(Buffer.compare(encodeItem(twin).bytes, encodeItem(item).bytes)).toBe(0);
      }),
    );
  });

  test('an item is encoded once', () => {
    const item = { kind: 'route', id: '10.0.0.0/8', prefix: '10.0.0.0/8', via: 'node_1', standby: ['node_2'] } as const;
    expect(encodeItem(item)).toBe(encodeItem(item));
  });

  test('what a newer server adds to an item is kept in the digest', () => {
    const { bytes } = encodeItem({ kind: 'route', id: 'a', prefix: 'a', via: 'b', standby: [] });
    // Field 15 of RouteItem, a string, that this version does not know; the route is field 3 of Item.
    const body = Buffer.concat([bytes.subarray(2), Buffer.from([0x7a, 1, 0x21])]);
    const newer = Buffer.concat([Buffer.from([0x1a, body.length]), body]);
    const item = decodeItem(newer);
    expect(item).toEqual({ kind: 'route', id: 'a', prefix: 'a', via: 'b', standby: [] });
    expect(Buffer.compare(encodeItem(item).bytes, newer)).toBe(0);
  });

  test('bytes that are no item are refused with a code', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        try {
          decodeItem(bytes);
        } catch (error) {
          expect(error).toMatchObject({ code: 'wire.malformed' });
        }
      }),
      { numRuns: 2_000 },
    );
    expect(() => decodeItem(utf8('nonsense'))).toThrow(expect.objectContaining({ code: 'wire.malformed' }));
    expect(() => decodeItem(new Uint8Array())).toThrow(expect.objectContaining({ code: 'wire.malformed' }));
  });
});
