import { beforeEach, describe, expect, test } from '@jest/globals';
import { utf8 } from '#kernel';
import { formatAddress, parseAddress } from '#net';
import type { Endpoint } from '../udp/udp-socket.js';
import { decodeEcho, encodeEcho } from './icmp.js';
import { decodeIp, encodeIp } from './ip-codec.js';
import type { IpPacket } from './ip-packet.js';
import { UserspaceHost } from './userspace-host.js';
import { UserspaceTun } from './userspace-tun.js';

let now: number;
const clock = { now: () => now };
let alice: UserspaceTun;
let router: UserspaceTun;

/** Two nodes; each packet takes 3 ms. */
beforeEach(() => {
  now = 1000;
  alice = new UserspaceTun({ addresses: ['100.64.0.1', 'fd7a::1'], clock });
  router = new UserspaceTun({ addresses: ['100.64.0.2', 'fd7a::2'], clock });
  const connect = (from: UserspaceTun, to: UserspaceTun) =>
    from.onPackets((packets) => {
      now += 3;
      for (const packet of packets) to.write(packet);
    });
  connect(alice, router);
  connect(router, alice);
});

describe('ping', () => {
  test.each(['100.64.0.2', 'fd7a::2'])('%s answers after the round trip', async (address) => {
    expect(await alice.ping(address)).toBe(6);
  });

  test('a node answers itself at once', async () => expect(await alice.ping('100.64.0.1')).toBe(0));

  test('nobody answers for an address that nobody has, nor after closing', async () => {
    expect(await alice.ping('100.64.0.9', { timeout: 1 })).toBeUndefined();
    const waiting = alice.ping('100.64.0.9', { timeout: 1_000_000 });
    await alice.close();
    expect(await waiting).toBeUndefined();
  });

  test('without an address of that family it is refused', async () => {
    alice.setAddresses(['100.64.0.1']);
    await expect(alice.ping('fd7a::2')).rejects.toMatchObject({ code: 'host.no_address' });
    await expect(alice.ping('not-an-address')).rejects.toMatchObject({ code: 'net.bad_address' });
  });

  test('an answer from another address than the one asked does not count', async () => {
    alice.onPackets(([packet]) => {
      const asked = packet && (decodeIp(packet) as IpPacket);
      const echo = asked && decodeEcho(asked);
      if (!echo) throw new Error('no echo request');
      const liar = { source: parseAddress('100.64.0.3'), destination: asked.source };
      for (const reply of encodeIp(encodeEcho(liar, { ...echo, kind: 'reply' }), 1280, 0)) alice.write(reply);
    });
    expect(await alice.ping('100.64.0.2', { timeout: 1 })).toBeUndefined();
  });
});

describe('UDP', () => {
  const datagrams = (tun: UserspaceTun | UserspaceHost, port?: number) => {
    const socket = tun.bindUdp(port);
    const received: [string, Endpoint][] = [];
    socket.onDatagram((bytes, source) => void received.push([Buffer.from(bytes).toString(), source]));
    return { socket, received };
  };
  const delivered = () => new Promise((resolve) => setImmediate(resolve));

  test.each([
    ['100.64.0.1', '100.64.0.2'],
    ['fd7a::1', 'fd7a::2'],
  ])('from %s to %s and back', async (from, to) => {
    const client = datagrams(alice);
    const server = datagrams(router, 53);
    client.socket.send({ address: to, port: 53 }, utf8('question'));
    await delivered();
    expect(server.received).toEqual([['question', { address: from, port: client.socket.localPort }]]);
    server.socket.send({ address: from, port: client.socket.localPort }, utf8('answer'));
    await delivered();
    expect(client.received).toEqual([['answer', { address: to, port: 53 }]]);
  });

  test('a datagram larger than the MTU arrives whole', async () => {
    const server = datagrams(router, 53);
    const large = 'x'.repeat(9000);
    datagrams(alice).socket.send({ address: '100.64.0.2', port: 53 }, utf8(large));
    datagrams(alice).socket.send({ address: 'fd7a::2', port: 53 }, utf8(large));
    await delivered();
    expect(server.received.map(([text]) => text)).toEqual([large, large]);
  });

  test('a port is bound once, and free again when closed', async () => {
    const { socket } = datagrams(router, 53);
    expect(() => router.bindUdp(53)).toThrow('UDP port 53 is bound already');
    await socket.close();
    expect(router.bindUdp(53).localPort).toBe(53);
  });

  test('a closed port is reported with an ICMP error', async () => {
    const errors: number[] = [];
    alice.host.handle(1, (_now, { payload }) => void errors.push(payload[0] as number, payload[1] as number));
    alice.bindUdp().send({ address: '100.64.0.2', port: 9 }, utf8('x'));
    await delivered();
    expect(errors).toEqual([3, 3]);
  });
});

describe('a network behind a node', () => {
  let machine: UserspaceHost;
  beforeEach(() => {
    machine = new UserspaceHost({ addresses: ['192.168.77.10'] });
    router.attach('192.168.77.0/24', machine);
  });

  test('its machine answers pings and UDP, and reaches the mesh', async () => {
    expect(await alice.ping('192.168.77.10')).toBe(6);
    const answered = new Promise<Endpoint>((resolve) => {
      const service = machine.bindUdp(7);
      service.onDatagram((bytes, source) => service.send(source, bytes));
      const client = alice.bindUdp();
      client.onDatagram((_bytes, source) => resolve(source));
      client.send({ address: '192.168.77.10', port: 7 }, utf8('hello'));
    });
    expect(await answered).toEqual({ address: '192.168.77.10', port: 7 });
    const roundTrip = new Promise((resolve) => machine.ping(now, '100.64.0.1', 1000, resolve));
    expect(await roundTrip).toBe(6);
    expect(await new Promise((resolve) => machine.ping(now, '100.64.0.2', 1000, resolve))).toBe(0);
  });

  test('an address without a machine is silent; one outside the route is refused; a detached one, too', async () => {
    const errors: string[] = [];
    alice.host.handle(1, (_now, { source, payload }) => void errors.push(`${formatAddress(source)} ${payload[0]}`));
    await alice.ping('192.168.77.11', { timeout: 1 });
    expect(errors).toEqual([]);
    await alice.ping('192.168.78.1', { timeout: 1 });
    expect(errors).toEqual(['100.64.0.2 3']);
    router.detach('192.168.77.0/24');
    await alice.ping('192.168.77.10', { timeout: 1 });
    expect(errors).toEqual(['100.64.0.2 3', '100.64.0.2 3']);
  });

  test('a packet at the end of its life is not forwarded', async () => {
    const errors: number[] = [];
    alice.host.handle(1, (_now, { payload }) => void errors.push(payload[0] as number));
    const ends = { source: parseAddress('100.64.0.1'), destination: parseAddress('192.168.77.10') };
    const request = encodeEcho(ends, { kind: 'request', id: 1, sequence: 1, data: new Uint8Array(0) });
    alice.host.send({ ...request, hopLimit: 1 });
    await new Promise((resolve) => setImmediate(resolve));
    expect(errors).toEqual([11]);
  });

  test('the longest prefix wins', async () => {
    const other = new UserspaceHost({ addresses: ['192.168.77.20'] });
    router.attach('192.168.77.20', other);
    expect(await alice.ping('192.168.77.20')).toBe(6);
    expect(await alice.ping('192.168.77.10')).toBe(6);
  });
});

test('what is written is never answered from within the call', () => {
  let answered = false;
  router.onPackets(() => {
    answered = true;
  });
  const ends = { source: parseAddress('100.64.0.1'), destination: parseAddress('100.64.0.2') };
  const request = encodeEcho(ends, { kind: 'request', id: 1, sequence: 1, data: new Uint8Array(0) });
  for (const packet of encodeIp(request, 1280, 0)) router.write(packet);
  expect(answered).toBe(false);
});
