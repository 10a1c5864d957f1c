import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { utf8 } from '#kernel';
import { UserspaceTun } from '../userspace-tun.js';
import { LocalForwarding, type LocalForwardingOptions } from './local-forwarding.js';

let peer: UserspaceTun;
let node: UserspaceTun;
let forwarding: LocalForwarding;
const closing: (() => unknown)[] = [];

function forward(options: Partial<LocalForwardingOptions> = {}): void {
  forwarding = new LocalForwarding({ host: node.host, tcp: node.tcp, ...options });
}

beforeEach(() => {
  peer = new UserspaceTun({ addresses: ['100.64.0.1', 'fd7a::1'] });
  node = new UserspaceTun({ addresses: ['100.64.0.2', 'fd7a::2'] });
  peer.onPackets((packets) => packets.forEach((packet) => void node.write(packet)));
  node.onPackets((packets) => packets.forEach((packet) => void peer.write(packet)));
});
afterEach(async () => {
  await forwarding.close();
  for (const close of closing.splice(0)) close();
  await peer.close();
  await node.close();
});

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** A service on localhost; answers its port. */
async function serve(onSocket: (socket: Socket) => void): Promise<number> {
  const server = createServer({ allowHalfOpen: true }, onSocket).listen(0, '127.0.0.1');
  closing.push(() => server.close());
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

test.each(['100.64.0.2', 'fd7a::2'])('a service on localhost is reached at %s', async (address) => {
  forward();
  const port = await serve((socket) => void socket.pipe(socket));
  const socket = await peer.tcp.connect(address, port);
  socket.end(Buffer.alloc(500_000, 'x'));
  expect((await text(socket)).length).toBe(500_000);
});

test('the side that sends last may still send', async () => {
  forward();
  const port = await serve((socket) => void text(socket).then((asked) => socket.end(`you said ${asked}`)));
  const socket = await peer.tcp.connect('100.64.0.2', port);
  socket.end('bye');
  expect(await text(socket)).toBe('you said bye');
});

test('nobody there, or not allowed: the peer is refused before it is connected', async () => {
  const port = await serve((socket) => void socket.end('secret'));
  forward({ allows: (_protocol, asked) => asked !== port });
  await expect(peer.tcp.connect('100.64.0.2', port)).rejects.toMatchObject({ code: 'tcp.refused' });
  await expect(peer.tcp.connect('100.64.0.2', 1)).rejects.toMatchObject({ code: 'tcp.refused' });
});

test('a port that the node has itself comes first', async () => {
  forward();
  const port = await serve((socket) => void socket.end('localhost'));
  node.tcp.listen(port, (socket) => void socket.end('node').resume());
  const socket = await peer.tcp.connect('100.64.0.2', port);
  socket.end();
  expect(await text(socket)).toBe('node');
});

test('a service that resets its connection resets the peer’s', async () => {
  forward();
  const port = await serve((socket) => void socket.once('data', () => socket.resetAndDestroy()));
  const socket = await peer.tcp.connect('100.64.0.2', port);
  socket.write('x');
  expect((await once(socket, 'error'))[0]).toMatchObject({ code: 'tcp.reset' });
});

test('datagrams go to localhost and their answers come back; a closed port is reported', async () => {
  forward();
  const service = createSocket('udp4');
  closing.push(() => service.close());
  service.on('message', (data, from) => service.send(`${data}!`, from.port, from.address));
  service.bind(0, '127.0.0.1');
  await once(service, 'listening');
  const { port } = service.address();
  const client = peer.bindUdp();
  const answered = new Promise<string>((resolve) => client.onDatagram((data) => resolve(Buffer.from(data).toString())));
  client.send({ address: '100.64.0.2', port }, utf8('hello'));
  expect(await answered).toBe('hello!');
  const refused = new Promise<readonly number[]>((resolve) =>
    peer.host.handle(1, (_now, { payload }) => resolve([...payload.subarray(0, 2)])),
  );
  client.send({ address: '100.64.0.2', port: 1 }, utf8('hello'));
  expect(await refused).toEqual([3, 3]);
});

test('connections that a peer asks for and never opens hold no more sockets than may be half open', async () => {
  forward();
  let begun = 0;
  let ended = 0;
  const changed = new EventTarget();
  const tell = () => changed.dispatchEvent(new Event('change'));
  const port = await serve((socket) => {
    begun++;
    socket.resume().on('end', () => {
      ended++;
      socket.end();
      tell();
    });
    tell();
  });
  const heldTo = async (sockets: readonly number[]) => {
    while (begun !== sockets[0] || ended !== sockets[1]) await once(changed, 'change');
  };
  const syns: Uint8Array[] = [];
  peer.onPackets((packets) => void syns.push(...packets));
  for (let i = 0; i < 768; i++) void peer.tcp.connect('100.64.0.2', port).catch(() => {});
  await turn();
  peer.onPackets(() => {});
  node.onPackets(() => {});
  const send = (from: number, to: number) => syns.slice(from, to).forEach((syn) => void node.write(syn));
  send(0, 256);
  await heldTo([256, 0]);
  // The first half pushes out those that localhost has, the second the first before they are connected.
  send(256, 768);
  await heldTo([512, 256]);
});
