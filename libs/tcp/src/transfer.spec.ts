import { expect, test } from '@jest/globals';
import { concatBytes } from '#kernel';
import { Endpoint } from './testing/endpoint.js';
import { CLIENT, type NetworkOptions, SERVER, SimulatedNetwork } from './testing/simulated-network.js';

const pattern = (length: number, seed: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => (Math.imul(i + seed, 2654435761) >>> 24) ^ (i >>> 8));

/** Both ends send, in both directions at once, and end. */
function exchange(options: NetworkOptions, up: number, down: number) {
  const network = new SimulatedNetwork(options);
  let server: Endpoint | undefined;
  network.server.listen(80, {
    onConnection: (connection) => {
      server = new Endpoint(network, connection, pattern(down, 2));
    },
  });
  const connection = network.client.connect(network.now, { address: CLIENT, port: 0 }, { address: SERVER, port: 80 });
  const client = new Endpoint(network, connection, pattern(up, 1));
  const start = network.now;
  const done = network.run(() => client.closed && server?.closed === true, 3_600_000);
  return { network, client, server: server as unknown as Endpoint, done, elapsed: network.now - start };
}

test('bytes arrive in both directions, and the connection ends', () => {
  const { client, server, done } = exchange({ delay: 10 }, 300_000, 200_000);
  expect(done).toBe(true);
  expect([client.failure, server.failure]).toEqual([undefined, undefined]);
  expect(Buffer.compare(concatBytes(...server.chunks), pattern(300_000, 1))).toBe(0);
  expect(Buffer.compare(concatBytes(...client.chunks), pattern(200_000, 2))).toBe(0);
});

test.each([1, 2, 3, 4, 5, 6, 7, 8])('loss, duplication, reordering and damage, seed %d', (seed) => {
  const { client, server, done } = exchange(
    { seed, delay: 10, rate: 1e8, loss: 0.03, duplication: 0.02, corruption: 0.02, jitter: 5 },
    300_000,
    200_000,
  );
  expect(done).toBe(true);
  expect([client.failure, server.failure]).toEqual([undefined, undefined]);
  expect(Buffer.compare(concatBytes(...server.chunks), pattern(300_000, 1))).toBe(0);
  expect(Buffer.compare(concatBytes(...client.chunks), pattern(200_000, 2))).toBe(0);
});
