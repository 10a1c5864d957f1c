import { expect, test } from '@jest/globals';
import { Endpoint } from './testing/endpoint.js';
import { CLIENT, type NetworkOptions, SERVER, SimulatedNetwork } from './testing/simulated-network.js';

const MEGABYTE = 1_000_000;

/** Mbit/s of a download over 1 Gbit/s, 20 ms there and back, with 1 MB of queue in the router; in virtual time. */
function download(bytes: number, options: NetworkOptions = {}) {
  const network = new SimulatedNetwork({ rate: 1e9, delay: 10, queue: MEGABYTE, ...options });
  network.server.listen(80, {
    onConnection: (connection) => void new Endpoint(network, connection, new Uint8Array(bytes), false),
  });
  const connection = network.client.connect(network.now, { address: CLIENT, port: 0 }, { address: SERVER, port: 80 });
  const start = network.now;
  const client = new Endpoint(network, connection, new Uint8Array(0), false);
  expect(network.run(() => client.ended, 600_000)).toBe(true);
  expect(client.received).toBe(bytes);
  const lost = network.links.reduce((sum, link) => sum + link.lost, 0);
  return { rate: (bytes * 8) / 1000 / (network.now - start), lost };
}

test('20 ms away, a clean path carries 100 Mbit/s and more, slow start included', () => {
  const { rate, lost } = download(20 * MEGABYTE);
  console.log(rate, lost);
  expect(rate).toBeGreaterThan(300);
});

test('a window that outgrows the queue of the router costs little', () => {
  const { rate, lost } = download(20 * MEGABYTE, { rate: 2e8, queue: 200_000 });
  console.log(rate, lost);
  expect(lost).toBeGreaterThan(0);
  expect(rate).toBeGreaterThan(100);
});

test.each([0.0001, 0.001, 0.01])('random loss of %d', (loss) => {
  const { rate, lost } = download(20 * MEGABYTE, { loss });
  console.log(loss, rate, lost);
});
test('reordering', () => {
  const { rate, lost } = download(20 * MEGABYTE, { jitter: 1 });
  console.log('reorder', rate, lost);
});
