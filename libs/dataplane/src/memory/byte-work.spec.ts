import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { onesSum } from '#net';
import { Arena } from './arena.js';

const arena = new Arena(1 << 18);
const { bytes, work } = arena;
const swapped = (sum: number): number => ((sum & 0xff) << 8) | (sum >>> 8);
const content = fc.uint8Array({ maxLength: 200 });
const TO = 1 << 17;

test('a sum is the byte-swapped one of RFC 1071, at any offset and length', () => {
  const check = (offset: number, summed: Uint8Array, initial: number) => {
    bytes.fill(0xaa);
    bytes.set(summed, offset);
    expect(swapped(work.sum(offset, summed.length, swapped(initial)))).toBe(onesSum(summed, initial));
  };
  fc.assert(fc.property(fc.nat(40), content, fc.nat(0xffff), check));
  check(64, new Uint8Array(65_535).fill(0xff), 0xffff);
});

test('what is copied is all that changes, and its sum is the same as in its place', () => {
  const check = (from: number, offset: number, copied: Uint8Array, initial: number) => {
    for (const copies of ['copy', 'copyAndSum'] as const) {
      bytes.fill(0xaa);
      bytes.set(copied, from);
      const wanted = bytes.slice();
      wanted.set(copied, TO + offset);
      const sum = work[copies](TO + offset, from, copied.length, initial);
      expect(Buffer.compare(bytes, wanted)).toBe(0);
      if (copies === 'copyAndSum') expect(sum).toBe(work.sum(from, copied.length, initial));
    }
  };
  fc.assert(fc.property(fc.nat(40), fc.nat(40), content, fc.nat(0xffff), check), { numRuns: 50 });
  check(64, 3, new Uint8Array(65_535).fill(0xff), 0xffff);
});

test('64 bytes are set aside, and zeros take their place', () => {
  bytes.fill(0xaa);
  bytes.set(
    Uint8Array.from({ length: 64 }, (_, i) => i),
    101,
  );
  const wanted = bytes.slice();
  wanted.copyWithin(TO, 101, 165);
  wanted.fill(0, 101, 165);
  work.setAside(101, TO);
  expect(Buffer.compare(bytes, wanted)).toBe(0);
});
