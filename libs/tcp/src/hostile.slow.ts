import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { concatBytes } from '#kernel';
import { decodeSegment, sealSegment } from './segment/segment-codec.js';
import { exchange, sample } from './testing/exchange.js';
import { SegmentStorm } from './testing/segment-storm.js';
import { chanceFrom } from './testing/simulated-link.js';

const seeds = Array.from({ length: 8 }, (_, i) => i + 1);

test.each(seeds)('200,000 segments at random, seed %d', (seed) => {
  const storm = new SegmentStorm(seed);
  for (let i = 0; i < 200_000; i++) storm.step();
  const { peer } = storm;
  expect(storm.opened).toBeGreaterThan(500);
  expect(peer.stack.connectionCount).toBeLessThanOrEqual(100);
  peer.stack.close(peer.now);
  expect(peer.stack.connectionCount).toBe(0);
  expect(peer.establish().state).toBe('established');
});

test('a million byte strings that pass the checksum do not make the decoder throw', () => {
  const chance = chanceFrom(3);
  const bytes = new Uint8Array(80);
  const address = Uint8Array.of(100, 64, 0, 1);
  let decoded = 0;
  for (let i = 0; i < 1_000_000; i++) {
    for (let changes = 0; changes < 4; changes++) bytes[Math.floor(chance() * 80)] = chance() * 256;
    const part = bytes.subarray(0, 20 + Math.floor(chance() * 61));
    part.fill(0, 16, 18);
    sealSegment(address, address, part);
    if (decodeSegment(address, address, part)) decoded++;
  }
  expect(decoded).toBeGreaterThan(30_000);
});

test('whatever the network does, and however little the ends keep, bytes arrive exactly and the connection ends', () => {
  const capacity = fc.constantFrom(2_000, 10_000, 65_535, 1 << 21);
  const end = fc.record({ sendBuffer: capacity, receiveBuffer: capacity });
  const network = fc.record({
    seed: fc.nat(),
    delay: fc.integer({ min: 0, max: 100 }),
    rate: fc.constantFrom(1e6, 1e8, 1e9),
    queue: fc.constantFrom(10_000, 100_000, 1e7),
    loss: fc.double({ min: 0, max: 0.2, noNaN: true }),
    duplication: fc.double({ min: 0, max: 0.2, noNaN: true }),
    corruption: fc.double({ min: 0, max: 0.1, noNaN: true }),
    jitter: fc.integer({ min: 0, max: 50 }),
    client: end,
    server: end,
    stripped: fc.subarray(['mss', 'windowShift', 'sackPermitted', 'timestamps'] as const),
  });
  fc.assert(
    fc.property(network, fc.nat(200_000), fc.nat(200_000), (options, up, down) => {
      const { client, server } = exchange(options, up, down);
      const arrived = [client, server].map((end) => ({ closed: end?.closed, failure: end?.failure }));
      const whole = { closed: true, failure: undefined };
      expect(arrived).toEqual([whole, whole]);
      expect(Buffer.compare(concatBytes(...(server?.chunks ?? [])), sample(up, 1))).toBe(0);
      expect(Buffer.compare(concatBytes(...client.chunks), sample(down, 2))).toBe(0);
    }),
    { numRuns: 120 },
  );
});
