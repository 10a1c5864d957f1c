import { expect, test } from '@jest/globals';
import { utf8 } from '#kernel';
import { FakeNetwork, type FakeNetworkOptions } from './fake-network.js';

const A = { address: '192.0.2.1', port: 1 };
const B = { address: '192.0.2.2', port: 2 };

function network(options?: FakeNetworkOptions) {
  const network = new FakeNetwork(options);
  const received: string[] = [];
  const [a, b] = [network.socket(A), network.socket(B)];
  b.onDatagram((bytes, source) => void received.push(`${network.now} ${Buffer.from(bytes)} ${source.port}`));
  return { network, received, a, b };
}

test('a datagram arrives after its latency, and those of one moment in the order of sending', () => {
  const { network: net, received, a } = network({ latency: () => 10 });
  a.send(B, utf8('one'));
  a.send(B, utf8('two'));
  expect(net.advance(9)).toBe(0);
  expect(net.advance(1)).toBe(2);
  expect(received).toEqual(['10 one 1', '10 two 1']);
});

test('answers that fall due within the same step arrive within it', () => {
  const { network: net, received, a, b } = network({ latency: () => 10 });
  a.onDatagram((bytes, source) => a.send(source, bytes));
  b.send(A, utf8('echo'));
  expect(net.advance(20)).toBe(2);
  expect(received).toEqual(['20 echo 1']);
});

test('what is lost, sent to nobody, or to and from closed sockets does not arrive', async () => {
  const { network: net, received, a, b } = network({ lost: (_from, _to, bytes) => bytes[0] === 120 });
  a.send(B, utf8('x'));
  a.send({ ...B, port: 3 }, utf8('y'));
  expect(net.advance()).toBe(0);
  a.send(B, utf8('z'));
  await b.close();
  await a.close();
  a.send(B, utf8('z'));
  expect(net.advance()).toBe(0);
  expect(received).toEqual([]);
});

test('the sender may reuse its bytes', () => {
  const { network: net, received, a } = network();
  const bytes = utf8('kept');
  a.send(B, bytes);
  bytes.fill(0);
  net.advance();
  expect(received).toEqual(['0 kept 1']);
});
