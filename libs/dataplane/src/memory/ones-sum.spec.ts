import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { onesSum } from '#net';
import { Arena } from './arena.js';
import { onesSumOf } from './ones-sum.js';

const swapped = (sum: number): number => ((sum & 0xff) << 8) | (sum >>> 8);

test('is the byte-swapped sum of RFC 1071, at any offset and length', () => {
  const arena = new Arena(1 << 18);
  const sum = onesSumOf(arena);
  const check = (offset: number, content: Uint8Array, initial: number) => {
    arena.bytes.fill(0xaa);
    arena.bytes.set(content, offset);
    expect(swapped(sum(offset, content.length, swapped(initial)))).toBe(onesSum(content, initial));
  };
  fc.assert(fc.property(fc.nat(40), fc.uint8Array({ maxLength: 200 }), fc.nat(0xffff), check));
  check(64, new Uint8Array(65_535).fill(0xff), 0xffff);
});
