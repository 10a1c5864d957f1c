import { createSocket, type Socket as DatagramSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { UdpSocket } from '../udp/udp-socket.js';
import { UserspaceTun } from '../userspace/userspace-tun.js';
import { Socks5Server } from './socks5-server.js';
import { associateThrough } from './udp-association.js';

let node: UserspaceTun;
let server: UserspaceTun;
let proxy: Socks5Server;
let control: Socket;
let client: DatagramSocket;
let relayPort: number;

beforeEach(async () => {
  node = new UserspaceTun({ addresses: ['100.64.0.1'] });
  server = new UserspaceTun({ addresses: ['100.64.0.2'] });
  node.onPackets((packets) => packets.forEach((packet) => void server.write(packet)));
  server.onPackets((packets) => packets.forEach((packet) => void node.write(packet)));
  const echo = server.bindUdp(7);
  echo.onDatagram((data, from) => echo.send(from, data));
  const associate = associateThrough(
    () => node.bindUdp(),
    async (name) => (name === 'echo' ? '100.64.0.2' : undefined),
  );
  const dial = () => Promise.reject(new Error('not used'));
  proxy = await Socks5Server.start({ listen: { address: '127.0.0.1', port: 0 }, dial, associate });
  control = connect(proxy.at.port, '127.0.0.1');
  control.write(Uint8Array.of(5, 1, 0));
  await once(control, 'data');
  control.write(Uint8Array.of(5, 3, 0, 1, 0, 0, 0, 0, 0, 0));
  const [reply] = (await once(control, 'data')) as [Buffer];
  expect([...reply.subarray(0, 8)]).toEqual([5, 0, 0, 1, 127, 0, 0, 1]);
  relayPort = reply.readUInt16BE(8);
  client = createSocket('udp4');
  client.bind(0, '127.0.0.1');
  await once(client, 'listening');
});
afterEach(async () => {
  client.close();
  control.destroy();
  await proxy.close();
  await node.close();
  await server.close();
});

const turn = () => new Promise((resolve) => setImmediate(resolve));
const name = (text: string) => [3, text.length, ...Buffer.from(text)];
const datagram = (destination: number[], data: string, fragment = 0) =>
  Uint8Array.from([0, 0, fragment, ...destination, 0, 7, ...Buffer.from(data)]);

test('datagrams go to names and addresses in the tailnet, and answers say where they come from', async () => {
  for (const destination of [name('echo'), [1, 100, 64, 0, 2]]) {
    client.send(datagram(destination, 'hello'), relayPort, '127.0.0.1');
    const [answer] = (await once(client, 'message')) as [Buffer];
    expect([...answer.subarray(0, 10)]).toEqual([0, 0, 0, 1, 100, 64, 0, 2, 0, 7]);
    expect(answer.subarray(10).toString()).toBe('hello');
  }
});

test('what is no such datagram, a fragment, for nobody, or from another program is dropped', async () => {
  const received: string[] = [];
  const bad = [
    Uint8Array.of(0),
    Uint8Array.of(0, 0, 0, 9, 1, 1),
    datagram(name('echo'), 'x', 1),
    datagram(name('no'), 'x'),
  ];
  for (const each of bad) client.send(each, relayPort, '127.0.0.1');
  client.send(datagram(name('echo'), 'first'), relayPort, '127.0.0.1');
  await once(client, 'message');
  const stranger = createSocket('udp4').on('message', () => received.push('stranger'));
  stranger.send(datagram(name('echo'), 'x'), relayPort, '127.0.0.1');
  client.on('message', (bytes) => received.push(bytes.subarray(10).toString()));
  client.send(datagram(name('echo'), 'last'), relayPort, '127.0.0.1');
  await once(client, 'message');
  expect(received).toEqual(['last']);
  stranger.close();
});

test('the relay goes with the connection that asked for it', async () => {
  control.destroy();
  // The port is free once the relay has closed.
  const isFree = () =>
    new Promise<boolean>((resolve) => {
      const probe = createSocket('udp4');
      probe.once('error', () => setImmediate(resolve, false));
      probe.bind(relayPort, '127.0.0.1', () => probe.close(() => resolve(true)));
    });
  while (!(await isFree()));
  expect(await isFree()).toBe(true);
});

test.each<[string, string | undefined, () => UdpSocket]>([
  ['no port is left inside the mesh', '127.0.0.1', () => node.bindUdp(53)],
  ['the client’s address is not this machine’s any more', '192.0.2.1', () => node.bindUdp()],
])('%s: the relay is refused, and leaves no socket behind', async (_why, localAddress, bind) => {
  node.bindUdp(53);
  const sockets = () => process.getActiveResourcesInfo().filter((name) => name === 'UDPWrap').length;
  const before = sockets();
  const associate = associateThrough(bind, async () => undefined);
  await expect(associate({ localAddress, localFamily: 'IPv4' } as Socket)).rejects.toThrow();
  await turn();
  await turn(); // sockets are closed behind what is due at once
  expect(sockets()).toBeLessThanOrEqual(before);
});
