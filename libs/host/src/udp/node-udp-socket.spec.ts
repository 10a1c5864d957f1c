import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, describe, expect, test } from '@jest/globals';
import { utf8 } from '#kernel';
import { freePort } from '../testing/free-port.js';
import { NodeUdpSocket } from './node-udp-socket.js';
import type { Endpoint } from './udp-socket.js';

const opened: NodeUdpSocket[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((socket) => socket.close()));
});

async function bind(port?: number): Promise<NodeUdpSocket> {
  const socket = await NodeUdpSocket.bind(port);
  opened.push(socket);
  return socket;
}

const next = (socket: NodeUdpSocket) =>
  new Promise<{ text: string; source: Endpoint }>((resolve) =>
    socket.onDatagram((bytes, { address, port }) =>
      resolve({ text: Buffer.from(bytes).toString(), source: { address, port } }),
    ),
  );

const hasIpv6 = (socket: NodeUdpSocket) => socket.v6 !== undefined;

describe('a UDP socket', () => {
  test('sends and receives in both families on one port', async () => {
    const [a, b] = [await bind(), await bind()];
    const families = hasIpv6(a) ? ['127.0.0.1', '::1'] : ['127.0.0.1'];
    for (const address of families) {
      const received = next(b);
      const bytes = utf8(`to ${address}`);
      a.send({ address, port: b.localPort }, bytes);
      bytes.fill(0); // the caller may reuse the bytes at once
      expect(await received).toEqual({ text: `to ${address}`, source: { address, port: a.localPort } });
    }
  });

  test('the listener that was set last is the only one', async () => {
    const socket = await bind();
    let first = 0;
    socket.onDatagram(() => first++);
    const received = next(socket);
    socket.send({ address: '127.0.0.1', port: socket.localPort }, utf8('self'));
    expect((await received).text).toBe('self');
    expect(first).toBe(0);
  });

  test('a port in use is refused with a reason, and its other family is let go', async () => {
    const { localPort } = await bind(await freePort());
    await expect(bind(localPort)).rejects.toMatchObject({ code: 'host.port_in_use' });
    await opened.pop()?.close();
    expect((await bind(localPort)).localPort).toBe(localPort);
  });

  test('a port that only IPv6 has in use is refused, and a free one is found all the same', async () => {
    const other = createSocket({ type: 'udp6', ipv6Only: true });
    other.bind(await freePort(), '::');
    await once(other, 'listening');
    await expect(bind(other.address().port)).rejects.toMatchObject({ code: 'host.port_in_use' });
    const v4 = createSocket('udp4');
    v4.bind(other.address().port);
    await once(v4, 'listening'); // the refused attempt has let go of it
    v4.close();
    other.close();
  });

  test('sending where there is no way does not fail; nor does sending after closing', async () => {
    const socket = await bind();
    socket.send({ address: '255.255.255.255', port: 9 }, utf8('x'));
    socket.send({ address: '240.0.0.1', port: 9 }, utf8('x'));
    socket.send({ address: '127.0.0.1', port: 9 }, new Uint8Array(70_000));
    await socket.close();
    await socket.close();
    socket.send({ address: '127.0.0.1', port: 9 }, utf8('x'));
  });
});
