import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { TcpProxy } from './tcp-proxy.js';

let echo: Server;
let proxy: TcpProxy;
let socket: Socket;

const portOf = (server: Server): number => {
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
};

async function dial(): Promise<Socket> {
  const dialled = connect(proxy.port, '127.0.0.1');
  dialled.on('error', () => {});
  await once(dialled, 'connect');
  return dialled;
}

/** What comes back until there are so many characters. */
async function read(length: number): Promise<string> {
  let text = '';
  while (text.length < length) text += String((await once(socket, 'data'))[0]);
  return text;
}

beforeEach(async () => {
  echo = createServer((one) => one.on('error', () => {}).pipe(one)).listen(0, '127.0.0.1');
  await once(echo, 'listening');
  proxy = await new TcpProxy(() => portOf(echo)).open();
  socket = await dial();
});
afterEach(async () => {
  socket.destroy();
  await proxy.close();
  echo.close();
});

test('what is slow keeps its order, also when it is slow no more', async () => {
  proxy.delay = 60;
  socket.write('a');
  await new Promise(setImmediate);
  socket.write('b');
  const first = read(3);
  proxy.delay = 20;
  setTimeout(() => socket.write('c'), 5);
  expect(await first).toBe('abc');
});

test('what is held back comes when it is let go, on connections old and new', async () => {
  proxy.hold();
  const other = await dial();
  const answers = [once(other, 'data'), once(socket, 'data')];
  socket.write('old');
  other.write('new');
  const isSilent = await Promise.race([...answers, new Promise((resolve) => setTimeout(resolve, 50, 'silent'))]);
  expect(isSilent).toBe('silent');
  proxy.heal();
  expect((await Promise.all(answers)).flat().map(String)).toEqual(['new', 'old']);
  other.destroy();
});

test('a cut breaks what there is, and refuses what comes until it is healed', async () => {
  proxy.cut();
  await once(socket, 'close');
  const refused = await dial();
  await once(refused, 'close');
  proxy.heal();
  socket = await dial();
  socket.write('again');
  expect(await read(5)).toBe('again');
});
