import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ReceiveBuffer } from '../receive/receive-buffer.js';
import { RangeSet } from './range-set.js';
import { StreamBytes } from './stream-bytes.js';

const SPACE = 60;

test('ranges answer as a set of numbers would', () => {
  const pair = fc.tuple(fc.nat(SPACE), fc.nat(SPACE));
  const step = fc.oneof(
    pair.map(([a, b]) => ({ add: [Math.min(a, b), Math.max(a, b)] as const })),
    fc.nat(SPACE / 4).map((dropBelow) => ({ dropBelow })),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), pair, (steps, [from, to]) => {
      const ranges = new RangeSet(SPACE);
      const model = new Set<number>();
      for (const each of steps) {
        if ('add' in each) {
          const before = model.size;
          for (let i = each.add[0]; i < each.add[1]; i++) model.add(i);
          expect(ranges.add(...each.add)).toBe(model.size - before);
        } else {
          ranges.dropBelow(each.dropBelow);
          for (let i = 0; i < each.dropBelow; i++) model.delete(i);
        }
      }
      const between = Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i);
      const missing = between.filter((offset) => !model.has(offset));
      expect(ranges.missing(from, to)).toBe(missing.length);
      const gap = ranges.gap(from, to);
      expect(gap?.from).toBe(missing[0]);
      if (gap) expect(model.has(gap.to) || gap.to === to).toBe(true);
      expect(ranges.holding(from) !== undefined).toBe(model.has(from));
      for (let i = 0; i + 1 < ranges.count; i++) {
        expect(ranges.at(i)?.to).toBeLessThan(ranges.at(i + 1)?.from as number);
      }
    }),
  );
});

test('a range too many is not taken, one that joins others is', () => {
  const ranges = new RangeSet(2);
  expect([ranges.add(0, 1), ranges.add(4, 5), ranges.add(8, 9), ranges.add(0, 5)]).toEqual([1, 1, 0, 3]);
  expect(ranges.count).toBe(1);
});

test('bytes of a stream are where they were written, far beyond 32 bits, too', () => {
  const source = Uint8Array.from({ length: 40_000 }, (_, i) => Math.imul(i, 2654435761) >>> 24);
  const write = fc.tuple(fc.nat(70_000), fc.nat(30_000), fc.nat(40_000));
  fc.assert(
    fc.property(fc.constantFrom(0, 2 ** 32 - 30_000, 2 ** 40), fc.array(write, { maxLength: 8 }), (base, writes) => {
      const stream = new StreamBytes();
      const model = new Uint8Array(120_000);
      stream.release(base);
      for (const [offset, from, to] of writes) {
        stream.write(base + offset, source.subarray(from, to));
        model.set(source.subarray(from, to), offset);
      }
      for (const [offset, from, to] of writes) {
        const length = Math.max(0, to - from);
        const read = new Uint8Array(length + 5);
        stream.copy(base + offset, length, read, 5);
        expect(Buffer.compare(read.subarray(5), model.subarray(offset, offset + length))).toBe(0);
      }
    }),
  );
});

describe('the receive buffer', () => {
  test('gives the stream in order, whatever the order of arrival', () => {
    const cuts = fc.array(fc.tuple(fc.nat(999), fc.integer({ min: 1, max: 200 })), { maxLength: 60 });
    const stream = Uint8Array.from({ length: 1000 }, (_, i) => i * 7);
    fc.assert(
      fc.property(cuts, (cuts) => {
        const buffer = new ReceiveBuffer(2000);
        const all = [...cuts, ...Array.from({ length: 10 }, (_, i) => [900 - 100 * i, 100] as const)];
        for (const [from, length] of all) buffer.insert(1 + from, stream.subarray(from, from + length));
        const read = new Uint8Array(1000);
        expect([buffer.readable, buffer.hasHoles, buffer.read(read)]).toEqual([1000, false, 1000]);
        expect(Buffer.compare(read, stream)).toBe(0);
      }),
    );
  });

  test('names what changed last first, and three ranges at most', () => {
    const buffer = new ReceiveBuffer(10_000);
    for (const offset of [101, 301, 501, 701, 301 + 10]) buffer.insert(offset, new Uint8Array(10));
    expect(buffer.sackBlocks()).toEqual([
      { from: 301, to: 321 },
      { from: 701, to: 711 },
      { from: 501, to: 511 },
    ]);
    buffer.insert(1, new Uint8Array(700));
    expect([buffer.next, buffer.sackBlocks()]).toEqual([711, []]);
  });

  test('a byte here and a byte there cost a bounded number of ranges', () => {
    const buffer = new ReceiveBuffer(1 << 20);
    for (let offset = 3; offset < 50_000; offset += 2) buffer.insert(offset, Uint8Array.of(1));
    buffer.insert(1, new Uint8Array(50_000));
    expect(buffer.next).toBe(50_001);
    expect(buffer.memory).toBeLessThan(100_000);
  });
});
