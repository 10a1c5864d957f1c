import { expect, test } from '@jest/globals';
import { concatBytes } from '#kernel';
import { exchange, sample } from './testing/exchange.js';
import type { NetworkOptions } from './testing/simulated-network.js';

const UP = 150_000;
const DOWN = 100_000;

function bothArrive(options: NetworkOptions, up = UP, down = DOWN) {
  const { network, client, server } = exchange(options, up, down);
  const ends = [client, server].map((end) => ({ closed: end?.closed, failure: end?.failure }));
  const whole = { closed: true, failure: undefined };
  expect(ends).toEqual([whole, whole]);
  expect(Buffer.compare(concatBytes(...(server?.chunks ?? [])), sample(up, 1))).toBe(0);
  expect(Buffer.compare(concatBytes(...client.chunks), sample(down, 2))).toBe(0);
  network.run();
  expect([network.client.connectionCount, network.server.connectionCount]).toEqual([0, 0]);
  return network;
}

test('bytes arrive in both directions, and the connection ends', () => {
  const { links } = bothArrive({ delay: 10 });
  expect(links[0].lost + links[1].lost).toBe(0);
});

test('nothing to say is said as well', () => {
  bothArrive({ delay: 10 }, 0, 0);
  bothArrive({ delay: 10 }, 1, 0);
});

test.each([1, 2, 3, 4, 5, 6])('loss, duplication, reordering and damage, seed %d', (seed) => {
  const bad = { delay: 10, rate: 1e8, loss: 0.03, duplication: 0.02, corruption: 0.02, jitter: 5 };
  const { links } = bothArrive({ seed, ...bad });
  expect(links[0].lost).toBeGreaterThan(0);
});

test.each([1, 2, 3])('a third of everything is lost, seed %d', (seed) => {
  bothArrive({ seed, delay: 10, loss: 0.33 }, 5_000, 5_000);
});

test.each(['client', 'server'] as const)('small buffers at the %s, where every window closes', (side) => {
  bothArrive({ delay: 10, loss: 0.01, [side]: { receiveBuffer: 3000, sendBuffer: 2000 } });
});

test.each<[string, NonNullable<NetworkOptions['stripped']>]>([
  ['SACK', ['sackPermitted']],
  ['timestamps', ['timestamps']],
  ['window scaling', ['windowShift']],
  ['all options', ['mss', 'windowShift', 'sackPermitted', 'timestamps']],
])('a network that takes %s out of the handshake', (_what, stripped) => {
  bothArrive({ delay: 10, rate: 1e8, loss: 0.03, duplication: 0.02, jitter: 5, stripped });
});

test('without the MSS, segments are half as long', () => {
  const [usual, short] = [bothArrive({ delay: 10 }), bothArrive({ delay: 10, stripped: ['mss'] })];
  expect(short.packets / usual.packets).toBeGreaterThan(1.5);
});

test('a queue that holds a few segments', () => {
  bothArrive({ delay: 10, rate: 1e7, queue: 8000 });
});
