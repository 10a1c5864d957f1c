import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { chanceFrom, type LinkOptions, SimulatedLink } from '#tcp/testing';
import { NetworkNamespace } from '../../testing/network-namespace.js';
import { LinuxTun } from '../../tun/linux-tun.js';
import type { Tun } from '../../tun/tun.js';
import { UserspaceTun } from '../userspace-tun.js';

// The kernel (10.99.0.1, fd99::1) ── tun ── the userspace stack (10.99.0.2, fd99::2).
const MTU = 1280;
const SIZE = 8_000_000;

let namespace: NetworkNamespace;
let tun: LinuxTun;
let stack: UserspaceTun;
const children = new Set<ReturnType<typeof spawn>>();

beforeEach(async () => {
  namespace = await NetworkNamespace.create();
  tun = await LinuxTun.open({ name: namespace.interfaceName(), mtu: MTU });
  await namespace.adopt(tun.name);
  await namespace.exec('ip', 'address', 'add', '10.99.0.1/24', 'dev', tun.name);
  await namespace.exec('ip', 'address', 'add', 'fd99::1/64', 'dev', tun.name, 'nodad');
  await namespace.exec('ip', 'link', 'set', tun.name, 'up', 'mtu', `${MTU}`);
  stack = new UserspaceTun({ addresses: ['10.99.0.2', 'fd99::2'], mtu: MTU });
  tun.onPackets((packets) => packets.forEach((packet) => void stack.write(packet)));
  stack.onPackets((packets) => packets.forEach((packet) => void tun.write(packet)));
});
afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  children.clear();
  await stack.close();
  await tun.close();
  await namespace.remove();
});

/** Bytes that differ everywhere, in pieces, and their digest. */
function sample(size = SIZE) {
  const piece = Buffer.from(Array.from({ length: 65_521 }, (_, i) => Math.imul(i, 2654435761) >>> 24));
  const hash = createHash('sha256');
  const pieces: Buffer[] = [];
  for (let left = size; left > 0; left -= piece.length) pieces.push(piece.subarray(0, Math.min(left, piece.length)));
  for (const each of pieces) hash.update(each);
  return { stream: Readable.from(pieces), digest: hash.digest('hex') };
}

const digestOf = async (stream: Readable): Promise<string> => {
  const hash = createHash('sha256');
  for await (const chunk of stream) hash.update(chunk as Buffer);
  return hash.digest('hex');
};

/** A program that runs inside, on the kernel's TCP. Prints what the script prints. */
function inside(script: string) {
  const child = spawn('ip', [
    'netns',
    'exec',
    namespace.name,
    process.execPath,
    '-e',
    `
    const net = require('node:net'); const { createHash } = require('node:crypto');
    ${script}`,
  ]);
  children.add(child);
  child.stderr.pipe(process.stderr);
  return child;
}

/** The kernel connects; it sends what it gets on its standard input and prints the digest of what it receives. */
const kernelClient = (address: string, port: number) =>
  inside(`
    const socket = net.connect({ host: '${address}', port: ${port}, allowHalfOpen: true });
    process.stdin.pipe(socket);
    const hash = createHash('sha256');
    socket.on('data', (data) => hash.update(data)).on('end', () => console.log(hash.digest('hex')));
    socket.on('error', (error) => console.log(error.code));`);

/** The kernel listens; it echoes. Prints the port. */
async function kernelEcho(address: string): Promise<number> {
  const child = inside(`
    const server = net.createServer({ allowHalfOpen: true }, (socket) => socket.on('error', () => {}).pipe(socket));
    server.listen(0, '${address}', () => console.log(server.address().port));`);
  return Number(String((await once(child.stdout, 'data'))[0]));
}

describe.each([
  ['10.99.0.1', '10.99.0.2'],
  ['fd99::1', 'fd99::2'],
])('between the kernel at %s and the stack', (kernel, userspace) => {
  test('the kernel uploads and downloads', async () => {
    const down = sample();
    let received: Promise<string> | undefined;
    stack.tcp.listen(80, (socket) => {
      received = digestOf(socket);
      void pipeline(down.stream, socket, { end: true }).catch(() => {});
    });
    const client = kernelClient(userspace, 80);
    const printed = text(client.stdout);
    const up = sample();
    up.stream.pipe(client.stdin);
    expect((await printed).trim()).toBe(down.digest);
    expect(await received).toBe(up.digest);
  });

  test('the stack uploads and downloads at once', async () => {
    const port = await kernelEcho(kernel);
    const socket = await stack.tcp.connect(kernel, port);
    const { stream, digest } = sample();
    stream.pipe(socket);
    expect(await digestOf(socket)).toBe(digest);
  });
});

/** Puts a bad network between the two, in both directions. */
function impair(options: LinkOptions): void {
  const chance = chanceFrom(7);
  const carry = (from: Tun, to: Tun) => {
    const link = new SimulatedLink(options, chance);
    from.onPackets((packets) => {
      for (const packet of packets) {
        const now = performance.now();
        for (const at of link.arrivals(now, packet.length)) {
          const arrived = link.carry(packet);
          setTimeout(() => to.write(arrived), at - now);
        }
      }
    });
  };
  carry(tun, stack);
  carry(stack, tun);
}

test.each<[string, LinkOptions]>([
  ['loss and delay', { delay: 5, loss: 0.01 }],
  ['reordering', { delay: 5, jitter: 5 }],
  ['duplicates and damage', { duplication: 0.02, corruption: 0.01 }],
])('through %s', async (_what, options) => {
  impair(options);
  const port = await kernelEcho('10.99.0.1');
  const socket = await stack.tcp.connect('10.99.0.1', port);
  const { stream, digest } = sample(2_000_000);
  stream.pipe(socket);
  expect(await digestOf(socket)).toBe(digest);
});

test('the kernel agrees to window scaling, SACK, timestamps and our segment size', async () => {
  const port = await kernelEcho('10.99.0.1');
  const socket = await stack.tcp.connect('10.99.0.1', port);
  socket.write(Buffer.alloc(1_000_000));
  for (let left = 1_000_000; left > 0; ) left -= (await once(socket, 'data'))[0].length;
  const shown = await namespace.exec('ss', '-tino', `( sport = :${port} )`);
  expect(shown).toMatch(/ ts sack /);
  expect(shown).toMatch(/ wscale:[1-9]\d*,[1-9]\d* /);
  // Less the 12 bytes of timestamps.
  expect(shown).toMatch(new RegExp(`mss:${MTU - 52} `));
});

test('the kernel is refused where nobody listens; a reset by the stack reaches it', async () => {
  expect((await text(kernelClient('10.99.0.2', 9).stdout)).trim()).toBe('ECONNREFUSED');
  stack.tcp.listen(80, (socket) => socket.destroy());
  expect((await text(kernelClient('10.99.0.2', 80).stdout)).trim()).toBe('ECONNRESET');
});

test('a kernel that does not read stops the stack, and lets it go on when it reads', async () => {
  const child = inside(`
    const server = net.createServer({ pauseOnConnect: true }, (socket) => {
      process.stdin.once('data', () => socket.resume());
      let count = 0;
      socket.on('data', (data) => (count += data.length)).on('end', () => { console.log(count); process.exit(); });
    });
    server.listen(0, '10.99.0.1', () => console.log(server.address().port));`);
  const port = Number(String((await once(child.stdout, 'data'))[0]));
  const socket = await stack.tcp.connect('10.99.0.1', port);
  const total = 30_000_000;
  let acknowledged = false;
  socket.end(Buffer.alloc(total), () => {
    acknowledged = true;
  });
  // It holds tens of kilobytes that nobody reads, and takes no more.
  let waiting = '';
  for (let before = 'none'; before !== waiting || !/^\d{5,}$/.test(waiting); ) {
    before = waiting;
    waiting = (await namespace.exec('ss', '-Htn', `( sport = :${port} )`)).split(/\s+/)[1] ?? '';
  }
  expect(acknowledged).toBe(false);
  child.stdin.write('go');
  expect((await text(child.stdout)).trim()).toBe(`${total}`);
});
