import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Arena } from '../memory/arena.js';
import { FlowMemo } from './flow-memo.js';

const arena = new Arena(1 << 16);
const place = arena.take(256) + 6;

interface Shape {
  readonly v6: boolean;
  readonly protocol: number;
  /** Bytes of the addresses, and the ports. */
  readonly ends: readonly [number, number, number, number];
  /** IPv4: the word of flags and offset. */
  readonly fragment: number;
  readonly options: boolean;
  /** Bytes behind the IP header. */
  readonly rest: number;
}

/** @returns its length */
function lay({ v6, protocol, ends, fragment, options, rest }: Shape): number {
  const { bytes, view } = arena;
  const size = v6 ? 40 : 20;
  bytes.fill(0, place, place + 128);
  bytes[place] = v6 ? 0x60 : options ? 0x46 : 0x45;
  bytes[place + (v6 ? 6 : 9)] = protocol;
  if (!v6) view.setUint16(place + 6, fragment);
  // The last bytes of both addresses, so that all of them are compared.
  bytes[place + size - (v6 ? 17 : 5)] = ends[0];
  bytes[place + size - 1] = ends[1];
  view.setUint16(place + size, ends[2]);
  view.setUint16(place + size + 2, ends[3]);
  return size + rest;
}

const few = fc.constantFrom(1, 2);
const shapes: fc.Arbitrary<Shape> = fc.record({
  v6: fc.boolean(),
  protocol: fc.constantFrom(17, 17, 17, 6),
  ends: fc.tuple(few, few, few, few),
  fragment: fc.constantFrom(0, 0, 0x4000, 0x2000, 1),
  options: fc.constantFrom(false, false, true),
  rest: fc.constantFrom(8, 20, 7),
});

/** What it stands for; undefined for what it must not know. */
function flowOf({ v6, protocol, ends, fragment, options, rest }: Shape): string | undefined {
  if (protocol !== 17 || rest < 8) return undefined;
  if (!v6 && (options || (fragment & 0x3fff) !== 0)) return undefined;
  return `${v6} ${ends.join(' ')}`;
}

test('a datagram follows the one before if that was of the same flow, and nothing else follows or is followed', () => {
  fc.assert(
    fc.property(fc.array(shapes, { minLength: 2, maxLength: 30 }), (sequence) => {
      const memo = new FlowMemo(arena);
      let before: string | undefined;
      for (const shape of sequence) {
        const flow = flowOf(shape);
        expect(memo.follows(place, lay(shape))).toBe(flow !== undefined && flow === before);
        before = flow;
      }
    }),
    { numRuns: 500 },
  );
});

test('nothing follows what was forgotten', () => {
  const memo = new FlowMemo(arena);
  const shape: Shape = { v6: false, protocol: 17, ends: [1, 2, 1, 2], fragment: 0, options: false, rest: 8 };
  expect([memo.follows(place, lay(shape)), memo.follows(place, lay(shape))]).toEqual([false, true]);
  memo.forget();
  expect(memo.follows(place, lay(shape))).toBe(false);
});
