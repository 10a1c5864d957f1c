import { once } from 'node:events';
import { createServer as createHttpServer, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { UserspaceTun } from '../userspace/userspace-tun.js';
import { dialThrough } from './dial.js';
import { HttpProxyServer } from './http-proxy-server.js';
import { Socks5Server } from './socks5-server.js';

let node: UserspaceTun;
let server: UserspaceTun;
let proxy: { close(): Promise<void> };
const names = new Map([
  ['web', '100.64.0.2'],
  ['web6', 'fd7a::2'],
]);
const listen = { address: '127.0.0.1', port: 0 };
const dial = (host: string, port: number) => dialThrough(node.tcp, async (name) => names.get(name))(host, port);

beforeEach(() => {
  node = new UserspaceTun({ addresses: ['100.64.0.1', 'fd7a::1'] });
  server = new UserspaceTun({ addresses: ['100.64.0.2', 'fd7a::2'] });
  node.onPackets((packets) => packets.forEach((packet) => void server.write(packet)));
  server.onPackets((packets) => packets.forEach((packet) => void node.write(packet)));
  server.tcp.listen(7, (socket) => void socket.on('error', () => {}).pipe(socket));
  const http = createHttpServer((asked, answer) => {
    asked.on('data', () => {});
    asked.on('end', () => answer.end(`${asked.method} ${asked.url} ${JSON.stringify(asked.headers)}`));
  });
  server.tcp.listen(80, (socket) => void http.emit('connection', socket));
});
afterEach(async () => {
  await proxy.close();
  await node.close();
  await server.close();
});

describe('SOCKS5', () => {
  const GREETING = [5, 1, 0];
  let at: { address: string; port: number };
  beforeEach(async () => {
    const started = await Socks5Server.start({ listen, dial });
    proxy = started;
    at = started.at;
  });
  const client = (): Socket => connect({ port: at.port, host: at.address, allowHalfOpen: true });
  const name = (text: string) => [3, text.length, ...Buffer.from(text)];
  const ask = (destination: number[], port: number, command = 1) => [5, command, 0, ...destination, 0, port];

  /** Everything that the server answers to these bytes until it ends. */
  async function conversation(bytes: number[], data = ''): Promise<Buffer> {
    const socket = client();
    socket.write(Uint8Array.from(bytes));
    socket.end(data);
    return Buffer.from(await text(socket.setEncoding('latin1')), 'latin1');
  }

  test.each([
    ['a name', name('web')],
    ['a name with IPv6', name('web6')],
    ['an IPv4 address', [1, 100, 64, 0, 2]],
    ['an IPv6 address', [4, 0xfd, 0x7a, ...Array<number>(13).fill(0), 2]],
  ])('connects to %s, and carries what was sent at once', async (_what, destination) => {
    const answer = await conversation([...GREETING, ...ask(destination, 7)], 'hello');
    expect([...answer.subarray(0, 12)]).toEqual([5, 0, 5, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
    expect(answer.subarray(12).toString()).toBe('hello');
  });

  test('takes a request byte by byte', async () => {
    const socket = client();
    await once(socket, 'connect');
    socket.setNoDelay(true);
    for (const byte of [...GREETING, ...ask(name('web'), 7)]) {
      await new Promise((resolve) => socket.write(Uint8Array.of(byte), resolve));
    }
    socket.end('x');
    expect((await text(socket)).length).toBe(13);
  });

  test.each([
    ['an unknown name', ask(name('nowhere'), 7), 4],
    ['a port that is closed', ask(name('web'), 9), 5],
    ['an unknown command', ask(name('web'), 7, 2), 7],
    ['UDP, which is off', ask(name('web'), 7, 3), 7],
    ['an unknown kind of address', [5, 1, 0, 9, 1, 1, 1], 8],
  ])('%s is refused', async (_what, request, reply) => {
    const answer = await conversation([...GREETING, ...request]);
    expect([...answer.subarray(0, 4)]).toEqual([5, 0, 5, reply]);
  });

  test('who wants a password only, or speaks something else, is sent away', async () => {
    expect([...(await conversation([5, 1, 2]))]).toEqual([5, 0xff]);
    expect((await conversation([...Buffer.from('GET / HTTP/1.1\r\n\r\n')]))[1]).toBe(1);
  });

  test('closing ends what goes through it', async () => {
    const socket = client();
    socket.on('error', () => {});
    socket.write(Uint8Array.from([...GREETING, ...ask(name('web'), 7)]));
    await once(socket, 'data');
    const closed = once(socket, 'close');
    socket.resume().end();
    await proxy.close();
    await closed;
  });
});

describe('HTTP', () => {
  let port: number;
  beforeEach(async () => {
    const started = await HttpProxyServer.start({ listen, dial });
    proxy = started;
    port = started.at.port;
  });

  test('CONNECT opens a tunnel', async () => {
    const asking = request({ port, host: '127.0.0.1', method: 'CONNECT', path: 'web:7' }).end();
    const [response, socket] = (await once(asking, 'connect')) as [{ statusCode: number }, Socket];
    expect(response.statusCode).toBe(200);
    socket.end('hello');
    expect(await text(socket)).toBe('hello');
  });

  test.each([
    ['[fd7a::2]:7', 200],
    ['nowhere:7', 502],
    ['web:9', 502],
    ['web', 400],
    ['web:0', 400],
    ['a@web:7', 400],
  ])('CONNECT %s answers %d', async (path, status) => {
    const asking = request({ port, host: '127.0.0.1', method: 'CONNECT', path }).end();
    const [response, socket] = (await once(asking, 'connect')) as [{ statusCode: number }, Socket];
    socket.destroy();
    expect(response.statusCode).toBe(status);
  });

  test('requests for http:// addresses are passed on, without what is meant for the proxy', async () => {
    const asked = { port, host: '127.0.0.1', method: 'POST', path: 'http://web/a?b=c' };
    const headers = { 'proxy-authorization': 'secret', 'x-mine': 'kept' };
    const asking = request({ ...asked, headers }).end('body');
    const [response] = await once(asking, 'response');
    const body = await text(response);
    expect(body).toContain('POST /a?b=c {');
    expect(body).toContain('"host":"web"');
    expect(body).toContain('"x-mine":"kept"');
    expect(body).not.toContain('secret');
  });

  test.each([
    ['/', 400],
    ['https://web/', 400],
    ['http://nowhere/', 502],
  ])('a request for %s answers %d', async (path, status) => {
    const [response] = await once(request({ port, host: '127.0.0.1', path }).end(), 'response');
    response.resume();
    expect(response.statusCode).toBe(status);
  });
});

test('a proxy listens on this machine only, and says when it cannot', async () => {
  for (const start of [Socks5Server, HttpProxyServer]) {
    for (const address of ['0.0.0.0', '::', '192.168.1.1', 'localhost']) {
      await expect(start.start({ listen: { address, port: 0 }, dial })).rejects.toMatchObject({
        code: 'proxy.not_loopback',
      });
    }
  }
  const first = await Socks5Server.start({ listen, dial });
  proxy = first;
  await expect(HttpProxyServer.start({ listen: first.at, dial })).rejects.toMatchObject({
    code: 'proxy.cannot_listen',
  });
});
