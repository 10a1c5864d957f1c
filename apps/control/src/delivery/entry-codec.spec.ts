import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Delivered } from './delivered.js';
import { EntryWriter, readEntries } from './entry-codec.js';
import { ITEM_KINDS, type ItemCounts } from './item-counts.js';
import { NumberReader, NumberWriter } from './packed-numbers.js';

const nodes = { numberOf: (nodeId: string) => Number(nodeId.slice(1)), nodeOf: (number: number) => `n${number}` };

const revision = fc.integer({ min: -1, max: 2 ** 40 });
const time = fc.integer({ min: 0, max: 2 ** 43 });
const count = fc.integer({ min: 0, max: 20_000 });
const counts = fc
  .dictionary(fc.constantFrom(...ITEM_KINDS), fc.record({ removed: count, replaced: count, added: count }))
  .map((all) =>
    Object.fromEntries(Object.entries(all).filter(([, one]) => one.removed + one.replaced + one.added > 0)),
  ) as fc.Arbitrary<ItemCounts>;
const frame = fc.record({
  revision,
  base: fc.option(revision, { nil: undefined }),
  sentAt: time,
  bytes: fc.integer({ min: 0, max: 2 ** 32 }),
  counts,
});
const common = { nodeId: fc.nat(20_000).map((n) => `n${n}`), holds: revision, at: time };
const delivered: fc.Arbitrary<Delivered> = fc.oneof(
  fc.record({ kind: fc.constant('frame' as const), ...common, frame }),
  fc.record({ kind: fc.constantFrom('unchanged' as const, 'resumed' as const, 'left' as const), ...common }),
);

test('what was packed comes out as it was, in order', () => {
  fc.assert(
    fc.property(fc.array(delivered), (facts) => {
      const writer = new EntryWriter(nodes);
      for (const fact of facts) writer.add(fact);
      expect([...readEntries(writer.bytes(), nodes)]).toEqual(facts);
    }),
  );
});

test('whatever stands in the file, reading comes to an end', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      expect([...readEntries(bytes, nodes)].length).toBeLessThanOrEqual(bytes.length);
    }),
  );
});

test('an acknowledgement of a common change takes some 15 bytes', () => {
  const writer = new EntryWriter(nodes);
  const one = { removed: 0, replaced: 1, added: 0 };
  for (let i = 0; i < 1_000; i++) {
    const step = { revision: 90_000, base: 89_999, sentAt: 1_790_000_000_000 + i, bytes: 900, counts: { peer: one } };
    writer.add({ kind: 'frame', nodeId: `n${i * 7}`, holds: 90_000, at: 1_790_000_000_050 + i, frame: step });
  }
  expect(writer.length / 1_000).toBeLessThan(15);
});

test('numbers up to 2^53 are kept', () => {
  const writer = new NumberWriter();
  const values = [0, 1, 127, 128, 2 ** 31, 2 ** 32, Number.MAX_SAFE_INTEGER];
  for (const value of values) writer.unsigned(value);
  for (const value of [-1, 1, -(2 ** 52)]) writer.signed(value);
  const reader = new NumberReader(writer.bytes());
  expect(values.map(() => reader.unsigned())).toEqual(values);
  expect([reader.signed(), reader.signed(), reader.signed()]).toEqual([-1, 1, -(2 ** 52)]);
});
