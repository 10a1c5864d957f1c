import { once } from 'node:events';
import { connect } from 'node:net';
import { PassThrough } from 'node:stream';
import { afterAll, describe, expect, test } from '@jest/globals';
import { Dice, fuzz, fuzzSeeds, Mutator } from '#sim';
import { HttpProxyServer } from './http-proxy-server.js';
import { readMessage } from './read-message.js';
import { parseDestination, parseGreeting, parseRequest, SocksSyntax } from './socks5-messages.js';
import { Socks5Server } from './socks5-server.js';

const listen = { address: '127.0.0.1', port: 0 };
const text = (words: string) => Uint8Array.from(Buffer.from(words, 'latin1'));
const GREETING = Uint8Array.of(5, 1, 0);
const REQUESTS = [
  Uint8Array.of(5, 1, 0, 1, 100, 64, 0, 2, 0, 80),
  Uint8Array.of(5, 1, 0, 3, 3, ...text('web'), 1, 187),
  Uint8Array.of(5, 3, 0, 4, 0xfd, ...new Array<number>(15).fill(1), 0, 7),
  Uint8Array.of(5, 1, 0, 3, 255, ...new Array<number>(255).fill(0x61), 0, 80),
];
const HTTP = [
  'CONNECT web:443 HTTP/1.1\r\nHost: web:443\r\n\r\n',
  'CONNECT [fd7a::2]:22 HTTP/1.1\r\nHost: x\r\n\r\n\x16\x03\x01',
  'GET http://web/path?a=b HTTP/1.1\r\nHost: web\r\nConnection: keep-alive, x\r\n\r\n',
  'POST http://web:81/ HTTP/1.1\r\nHost: web\r\nContent-Length: 3\r\n\r\nabc',
  'POST http://web:81/ HTTP/1.1\r\nHost: web\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n',
].map(text);

type Outcome = { readonly value?: unknown; readonly length?: number; readonly reply?: number } | undefined;
const attempt = (parse: (bytes: Uint8Array) => Outcome, bytes: Uint8Array): Outcome => {
  try {
    return parse(bytes);
  } catch (error) {
    if (error instanceof SocksSyntax) return { reply: error.reply };
    throw error;
  }
};

/** Names and ports that a proxy was asked to reach. It reaches none of them. */
const dialled: { host: string; port: number }[] = [];
const dial = async (host: string, port: number): Promise<never> => {
  dialled.push({ host, port });
  throw new Error('nobody is there');
};
const proxies: { close(): Promise<void> }[] = [];
afterAll(() => Promise.all(proxies.map((proxy) => proxy.close())));

/** Sends this, a part at a time, and waits until the other side has ended. @returns what it said */
async function converse(port: number, parts: readonly Uint8Array[]): Promise<Buffer> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  const said: Buffer[] = [];
  socket.on('data', (chunk) => said.push(chunk));
  socket.on('error', () => {});
  for (const part of parts) socket.write(part);
  socket.end();
  await once(socket, 'close');
  return Buffer.concat(said);
}

function inParts(dice: Dice, bytes: Uint8Array): Uint8Array[] {
  const cut = dice.below(bytes.length + 1);
  return [bytes.slice(0, cut), bytes.slice(cut)].filter(({ length }) => length > 0);
}

describe.each(fuzzSeeds(2))('seed %d', (seed) => {
  const dice = new Dice(seed);
  const mutator = new Mutator(dice, 600);

  test('150,000 SOCKS messages: nothing is read beyond the end, and more bytes never change what was read', () => {
    let complete = 0;
    fuzz(dice, 150_000, () => {
      const bytes = mutator.mutate(REQUESTS);
      for (const parse of [parseGreeting, parseRequest, (all: Uint8Array) => parseDestination(all, 3)]) {
        const outcome = attempt(parse, bytes);
        if (!outcome) continue;
        const { length = 0, reply } = outcome;
        if (length > bytes.length) throw new Error(`${bytes.join()} is shorter than ${length}`);
        if (reply === undefined) complete++;
        const again = attempt(parse, reply === undefined ? bytes.subarray(0, length) : bytes);
        if (JSON.stringify(again) !== JSON.stringify(outcome)) throw new Error(bytes.join());
      }
    });
    expect(complete).toBeGreaterThan(30_000);
  });

  test('a message is the same however it is cut, and what follows it stays in the stream', async () => {
    for (let i = 0; i < 5_000; i++) {
      const bytes = mutator.mutate(REQUESTS).slice();
      const expected = attempt(parseRequest, bytes);
      if (!expected?.length) continue;
      const stream = new PassThrough();
      const reading = readMessage(stream, parseRequest);
      for (const part of inParts(dice, bytes)) stream.write(part);
      stream.end();
      expect(await reading).toEqual(expected.value);
      const rest = (stream.read() as Uint8Array | null) ?? new Uint8Array();
      expect([...rest]).toEqual([...bytes.subarray(expected.length)]);
    }
  });

  test('a message without end is given up early', async () => {
    const stream = new PassThrough({ highWaterMark: 1 << 20 });
    const reading = readMessage(stream, () => undefined);
    const refused = expect(reading).rejects.toThrow('not a whole message');
    for (let i = 0; i < 20; i++) {
      stream.write(new Uint8Array(100));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await refused;
  });

  test('500 conversations with each proxy end, and reach only what was asked for in full', async () => {
    const socks = await Socks5Server.start({ listen, dial });
    const http = await HttpProxyServer.start({ listen, dial });
    proxies.push(socks, http);
    dialled.length = 0;
    for (let i = 0; i < 500; i++) {
      const request = mutator.mutate(REQUESTS).slice();
      const answer = await converse(socks.at.port, [
        dice.chance(0.9) ? GREETING : mutator.mutate([GREETING]).slice(),
        request,
      ]);
      expect(answer.length === 0 || answer[0] === 5).toBe(true);
      const said = await converse(http.at.port, inParts(dice, mutator.mutate(HTTP).slice()));
      expect(said.length === 0 || said.toString('latin1').startsWith('HTTP/1.1 ')).toBe(true);
    }
    expect(dialled.length).toBeGreaterThan(50);
    for (const { host, port } of dialled) {
      expect(port).toBeGreaterThanOrEqual(0);
      expect(port).toBeLessThanOrEqual(65_535);
      expect(host.length).toBeLessThanOrEqual(512);
    }
    expect((await converse(http.at.port, [HTTP[0] as Uint8Array])).toString()).toMatch(/^HTTP\/1.1 502 /);
    expect([...(await converse(socks.at.port, [GREETING, REQUESTS[0] as Uint8Array]))].slice(0, 4)).toEqual([
      5, 0, 5, 1,
    ]);
  });
});
