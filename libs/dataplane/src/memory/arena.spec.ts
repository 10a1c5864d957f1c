import { closeSync, openSync, readSync } from 'node:fs';
import { afterAll, expect, test } from '@jest/globals';
import { Arena } from './arena.js';

const memory = openSync('/proc/self/mem', 'r');
afterAll(() => closeSync(memory));

/** What lies there for whoever is outside of JavaScript. */
function seenAt(address: number, length: number): number[] {
  const bytes = new Uint8Array(length);
  readSync(memory, bytes, 0, length, address);
  return [...bytes];
}

test('addresses take at most 31 bits, and what lies there is what JavaScript sees, until it is closed', () => {
  const arena = new Arena(1 << 17);
  const place = arena.take(8);
  arena.bytes.set([1, 2, 3, 4], place);
  expect(arena.address).toBeLessThan(2 ** 31);
  expect(seenAt(arena.address + place, 4)).toEqual([1, 2, 3, 4]);
  const { address } = arena;
  arena.close();
  expect(() => seenAt(address, 4)).toThrow('EIO');
  expect(arena.bytes[place]).toBe(1);
});

test('places begin at multiples of 64, and pointers to them are written as C reads them', () => {
  const arena = new Arena(1 << 17);
  const [first, second] = [arena.take(1), arena.take(8)];
  expect([first % 64, second % 64, second - first]).toEqual([0, 0, 64]);
  arena.writePointer(second, first);
  expect(arena.view.getBigUint64(second, true)).toBe(BigInt(arena.address + first));
  expect(() => arena.take(1 << 17)).toThrow(RangeError);
});
