import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { utf8 } from '#kernel';
import { parseAddress } from '#net';
import type { RunCommand } from '../interface/run-command.js';
import { NodeUdpSocket } from '../udp/node-udp-socket.js';
import type { Endpoint } from '../udp/udp-socket.js';
import { encodeUdp } from './udp-datagram.js';
import { UserspaceForwarder } from './userspace-forwarder.js';
import { UserspaceTun } from './userspace-tun.js';

// The real network is this machine's own loopback.
let alice: UserspaceTun;
let forwarder: UserspaceForwarder;
let pings: string[];

beforeEach(() => {
  pings = [];
  const run: RunCommand = async (_command, words) => {
    const address = words.at(-1) ?? '';
    pings.push(address);
    if (address !== '127.0.0.1') throw new Error('no answer');
    return '';
  };
  forwarder = new UserspaceForwarder({ run });
  alice = new UserspaceTun({ addresses: ['100.64.0.1', 'fd7a::1'] });
  const router = new UserspaceTun({ addresses: ['100.64.0.2', 'fd7a::2'] });
  router.attach('127.0.0.0/8', forwarder);
  router.attach('::1', forwarder);
  alice.onPackets((packets) => packets.forEach((packet) => void router.write(packet)));
  router.onPackets((packets) => packets.forEach((packet) => void alice.write(packet)));
});
afterEach(async () => {
  await forwarder.close();
  await alice.close();
});

test('datagrams reach a real port, and its answers come back', async () => {
  const service = await NodeUdpSocket.bind();
  const sources = new Set<number>();
  service.onDatagram((bytes, source) => {
    sources.add(source.port);
    service.send(source, Buffer.concat([bytes, utf8('!')]));
  });
  const client = alice.bindUdp();
  for (const address of service.v6 ? ['127.0.0.1', '::1'] : ['127.0.0.1']) {
    for (const text of ['one', 'two']) {
      const answer = new Promise<[string, Endpoint]>((resolve) =>
        client.onDatagram((bytes, source) => resolve([Buffer.from(bytes).toString(), source])),
      );
      client.send({ address, port: service.localPort }, utf8(text));
      expect(await answer).toEqual([`${text}!`, { address, port: service.localPort }]);
    }
  }
  expect(sources.size).toBe(service.v6 ? 2 : 1); // a socket per conversation, not per datagram
  await service.close();
});

test('a port where nobody is is reported', async () => {
  const unused = await NodeUdpSocket.bind();
  await unused.close();
  const error = new Promise<number[]>((resolve) =>
    alice.host.handle(1, (_now, { payload }) => resolve([...payload.subarray(0, 2)])),
  );
  alice.bindUdp().send({ address: '127.0.0.1', port: unused.localPort }, utf8('x'));
  expect(await error).toEqual([3, 3]);
});

test('a datagram to port 0, where no socket can send, is dropped', () => {
  const ends = { source: parseAddress('100.64.0.1'), destination: parseAddress('127.0.0.1') };
  const datagram = encodeUdp(ends, { sourcePort: 9, destinationPort: 0, data: utf8('x') });
  expect(() => forwarder.receive(0, datagram)).not.toThrow();
});

test('pings are answered when the real machine does', async () => {
  expect(await alice.ping('127.0.0.1')).toBeGreaterThanOrEqual(0);
  expect(await alice.ping('127.0.0.2', { timeout: 20 })).toBeUndefined();
  expect(pings).toEqual(['127.0.0.1', '127.0.0.2']);
});
