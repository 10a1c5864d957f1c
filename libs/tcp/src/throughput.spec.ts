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

test('a clean path: what the window allows, slow start included', () => {
  const { rate, lost } = download(10 * MEGABYTE);
  expect(lost).toBe(0);
  expect(rate).toBeGreaterThan(300);
});

test('a window that outgrows the queue of the router costs little', () => {
  const { rate, lost } = download(10 * MEGABYTE, { rate: 2e8, queue: 200_000 });
  expect(lost).toBeGreaterThan(50);
  expect(rate).toBeGreaterThan(130);
});

test('a few losses cost little', () => {
  const { rate, lost } = download(10 * MEGABYTE, { loss: 0.0001 });
  expect(lost).toBeGreaterThan(0);
  expect(rate).toBeGreaterThan(250);
});

test('a path that reorders is not taken for one that loses', () => {
  const { rate, lost } = download(10 * MEGABYTE, { jitter: 1 });
  expect(lost).toBe(0);
  expect(rate).toBeGreaterThan(250);
});

// What the formula of Mathis gives for loss at random, 1.2 x segment / (round trip x sqrt(loss)), is a bound from below.
test.each([
  [0.001, 15],
  [0.01, 5],
])('loss of %d at random leaves %d Mbit/s', (loss, least) => {
  expect(download(5 * MEGABYTE, { loss }).rate).toBeGreaterThan(least);
});
