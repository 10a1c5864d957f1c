import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, test } from '@jest/globals';
import { UserspaceForwarder } from '../userspace-forwarder.js';
import { UserspaceTun } from '../userspace-tun.js';

test('a connection to a host behind a subnet router reaches that host, or is refused as there', async () => {
  const peer = new UserspaceTun({ addresses: ['100.64.0.1'] });
  const router = new UserspaceTun({ addresses: ['100.64.0.2'] });
  peer.onPackets((packets) => packets.forEach((packet) => void router.write(packet)));
  router.onPackets((packets) => packets.forEach((packet) => void peer.write(packet)));
  const forwarder = new UserspaceForwarder();
  router.attach('127.0.7.0/24', forwarder);
  const server = createServer({ allowHalfOpen: true }, (socket) => void socket.pipe(socket)).listen(0, '127.0.7.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const socket = await peer.tcp.connect('127.0.7.1', port);
  socket.end('through the router');
  expect(await text(socket)).toBe('through the router');
  await expect(peer.tcp.connect('127.0.7.2', port)).rejects.toMatchObject({ code: 'tcp.refused' });
  server.close();
  await forwarder.close();
  await router.close();
  await peer.close();
});
