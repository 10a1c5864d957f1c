import { once } from 'node:events';
import { createServer as createHttpServer, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { UserspaceHost } from '../userspace-host.js';
import { UserspaceTun } from '../userspace-tun.js';
import type { TcpSocket } from './tcp-socket.js';
import { type TcpRequest, UserspaceTcp } from './userspace-tcp.js';

let alice: UserspaceTun;
let bob: UserspaceTun;
beforeEach(() => {
  alice = new UserspaceTun({ addresses: ['100.64.0.1', 'fd7a::1'] });
  bob = new UserspaceTun({ addresses: ['100.64.0.2', 'fd7a::2'] });
  const connect = (from: UserspaceTun, to: UserspaceTun) =>
    from.onPackets((packets) => {
      for (const packet of packets) to.write(packet);
    });
  connect(alice, bob);
  connect(bob, alice);
});
afterEach(async () => {
  await alice.close();
  await bob.close();
});

const echo = (socket: TcpSocket) => void socket.pipe(socket);

test.each([
  ['100.64.0.2', '100.64.0.1'],
  ['fd7a::2', 'fd7a::1'],
])('to %s and back; each end knows the other', async (to, from) => {
  let remote = '';
  bob.tcp.listen(7, (socket) => {
    remote = socket.remote.address;
    echo(socket);
  });
  const socket = await alice.tcp.connect(to, 7);
  expect(socket.remote).toEqual({ address: to, port: 7 });
  socket.end('hello');
  expect(await text(socket)).toBe('hello');
  expect(remote).toBe(from);
});

test('megabytes arrive whole, at the pace of the reader', async () => {
  const bytes = Buffer.alloc(1_000_000, 'netfold ');
  bob.tcp.listen(7, echo);
  const socket = await alice.tcp.connect('100.64.0.2', 7);
  const received: Buffer[] = [];
  await Promise.all([
    pipeline([bytes], socket, { end: true }),
    (async () => {
      for await (const chunk of socket) received.push(chunk as Buffer);
    })(),
  ]);
  expect(Buffer.concat(received).equals(bytes)).toBe(true);
});

test('a writer waits for the reader', async () => {
  const accepted = new Promise<TcpSocket>((resolve) => bob.tcp.listen(7, resolve));
  const socket = await alice.tcp.connect('100.64.0.2', 7);
  const stream = await accepted;
  for (const end of [socket, stream]) end.on('error', () => {});
  let written = 0;
  const chunk = Buffer.alloc(65_536);
  while (written < 50_000_000 && socket.write(chunk)) written += chunk.length;
  expect(written).toBeLessThan(10_000_000);
  const drained = new Promise((resolve) => socket.once('drain', resolve));
  stream.resume();
  await drained;
});

describe('what goes wrong', () => {
  test('a port that nobody listens on', async () => {
    await expect(alice.tcp.connect('100.64.0.2', 9)).rejects.toMatchObject({ code: 'tcp.refused' });
  });

  test('a node that is silent', async () => {
    const connecting = alice.tcp.connect('100.64.0.9', 9, { timeout: 1 });
    await expect(connecting).rejects.toMatchObject({ code: 'tcp.timeout' });
  });

  test('no address of that family, or none at all', async () => {
    alice.setAddresses(['100.64.0.1']);
    await expect(alice.tcp.connect('fd7a::2', 9)).rejects.toMatchObject({ code: 'host.no_address' });
    await expect(alice.tcp.connect('example.org', 9)).rejects.toMatchObject({ code: 'net.bad_address' });
  });

  test('an end that is destroyed resets the other', async () => {
    const accepted = new Promise<TcpSocket>((resolve) => bob.tcp.listen(7, resolve));
    const socket = await alice.tcp.connect('100.64.0.2', 7);
    const failed = new Promise((resolve) => socket.once('error', resolve));
    (await accepted).destroy();
    expect(await failed).toMatchObject({ code: 'tcp.reset' });
  });

  test('an end that is destroyed with data on its way does not look complete', async () => {
    const accepted = new Promise<TcpSocket>((resolve) => bob.tcp.listen(7, resolve));
    const socket = await alice.tcp.connect('100.64.0.2', 7);
    socket.end(Buffer.alloc(10_000_000));
    const stream = await accepted;
    const failed = new Promise((resolve) => stream.once('error', resolve));
    stream.once('data', () => socket.destroy());
    expect(await failed).toMatchObject({ code: 'tcp.reset' });
  });

  test('a node that closes resets its connections, and has none left', async () => {
    const accepted = new Promise<TcpSocket>((resolve) => bob.tcp.listen(7, resolve));
    const socket = await alice.tcp.connect('100.64.0.2', 7);
    const failed = new Promise((resolve) => socket.once('error', resolve));
    const closed = once(await accepted, 'close');
    await bob.close();
    expect(await failed).toMatchObject({ code: 'tcp.reset' });
    await closed;
  });

  test('who asked is gone before the decision: it is called off, and whoever would take the socket gets none', async () => {
    let taken = false;
    const asked = new Promise<TcpRequest>((resolve) => {
      const server = bob.tcp.listenElsewhere(async (request) => {
        resolve(request);
        const over = once(request.signal, 'abort');
        server.close();
        await over;
        return () => {
          taken = true;
        };
      });
    });
    await expect(alice.tcp.connect('100.64.0.2', 9)).rejects.toMatchObject({ code: 'tcp.refused' });
    expect((await asked).signal.aborted).toBe(true);
    await new Promise((resolve) => setImmediate(resolve));
    expect(taken).toBe(false);
  });

  test('what both ends have ended can still be read', async () => {
    const accepted = new Promise<TcpSocket>((resolve) => bob.tcp.listen(7, resolve));
    const socket = await alice.tcp.connect('100.64.0.2', 7);
    const stream = await accepted;
    stream.end();
    socket.end(Buffer.alloc(500_000, 'x')).resume();
    await once(socket, 'close');
    expect((await text(stream)).length).toBe(500_000);
  });
});

test('a node reaches itself, and what is attached to it', async () => {
  bob.tcp.listen(7, echo);
  const machine = new UserspaceHost({ addresses: ['192.168.77.10'] });
  new UserspaceTcp(machine).listen(7, echo);
  bob.attach('192.168.77.0/24', machine);
  for (const address of ['100.64.0.2', '192.168.77.10']) {
    const socket = await bob.tcp.connect(address, 7);
    socket.end(Buffer.alloc(300_000, 'x'));
    expect((await text(socket)).length).toBe(300_000);
  }
  const socket = await alice.tcp.connect('192.168.77.10', 7);
  socket.end('through a router');
  expect(await text(socket)).toBe('through a router');
});

test('Node’s HTTP runs over it', async () => {
  const server = createHttpServer((asked, answer) => answer.end(`you asked for ${asked.url}`));
  bob.tcp.listen(80, (socket) => void server.emit('connection', socket));
  const socket = await alice.tcp.connect('100.64.0.2', 80);
  const body = await new Promise<string>((resolve, reject) => {
    const asking = request({ createConnection: () => socket, path: '/x', headers: { host: 'bob' } });
    asking.on('response', (response) => void text(response).then(resolve, reject)).on('error', reject);
    asking.end();
  });
  expect(body).toBe('you asked for /x');
});
