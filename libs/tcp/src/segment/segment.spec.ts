import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { LARGEST_HEADER } from '../protocol.js';
import type { Segment } from './segment.js';
import { decodeSegment, encodeHeader, sealSegment } from './segment-codec.js';

const word = fc.integer({ min: 0, max: 0xffff_ffff });
const half = fc.nat(0xffff);
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const options = fc.record({
  mss: maybe(half),
  windowShift: maybe(fc.nat(255)),
  sackPermitted: fc.boolean(),
  timestamps: maybe(fc.record({ value: word, echo: word })),
  // Two fit beside all the others.
  sack: fc.array(fc.record({ from: word, to: word }), { maxLength: 1 }),
});
const segment = fc.record({
  sourcePort: half,
  destinationPort: half,
  sequence: word,
  acknowledgement: word,
  flags: fc.nat(255),
  window: half,
  options,
  payload: fc.uint8Array({ maxLength: 100 }),
});
const SOURCE = Uint8Array.of(100, 64, 0, 1);
const DESTINATION = Uint8Array.of(100, 64, 0, 2);

function encode(segment: Segment): Uint8Array {
  const bytes = new Uint8Array(LARGEST_HEADER + segment.payload.length);
  const header = encodeHeader(bytes, segment);
  bytes.set(segment.payload, header);
  const whole = bytes.subarray(0, header + segment.payload.length);
  sealSegment(SOURCE, DESTINATION, whole);
  return whole;
}

test('segments survive', () => {
  fc.assert(
    fc.property(segment, (segment) => expect(decodeSegment(SOURCE, DESTINATION, encode(segment))).toEqual(segment)),
  );
});

test('a segment that was damaged, cut, or sent to somebody else does not', () => {
  fc.assert(
    fc.property(segment, fc.nat(), fc.nat(7), (segment, at, bit) => {
      const bytes = encode(segment);
      expect(decodeSegment(SOURCE, Uint8Array.of(100, 64, 0, 3), bytes)).toBeUndefined();
      bytes[at % bytes.length] = (bytes[at % bytes.length] as number) ^ (1 << bit);
      expect(decodeSegment(SOURCE, DESTINATION, bytes)).toBeUndefined();
      expect(decodeSegment(SOURCE, DESTINATION, bytes.subarray(0, 19))).toBeUndefined();
    }),
  );
});

test('no bytes make the decoder throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 20, maxLength: 80 }), (bytes) => {
      bytes.fill(0, 16, 18);
      sealSegment(SOURCE, DESTINATION, bytes);
      decodeSegment(SOURCE, DESTINATION, bytes);
    }),
    { numRuns: 2000 },
  );
});

test('a SYN as Linux sends it', () => {
  const bytes = Buffer.from(
    'ed6e0016d0a1b2c300000000a002faf00000000002040400040208 0a00112233000000000103030a'.replace(' ', ''),
    'hex',
  );
  sealSegment(SOURCE, DESTINATION, bytes);
  expect(decodeSegment(SOURCE, DESTINATION, bytes)).toMatchObject({
    destinationPort: 22,
    flags: 2,
    window: 64_240,
    options: { mss: 1024, windowShift: 10, sackPermitted: true, timestamps: { value: 0x112233, echo: 0 }, sack: [] },
  });
});
