import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { INITIATION, RESPONSE } from '#wireguard';
import { type SocketPath, SourcePaths } from '../io/socket-address.js';
import { SocketGate } from '../io/socket-gate.js';
import { settle, WorkerNode } from '../testing/worker-node.js';
import { FloodGuard } from './flood-guard.js';
import { Refusals } from './refusals.js';

/** As many as a socket's buffer has room for. */
const BURST = 200;

const [flooded, peer] = [new WorkerNode('flooded', '10.0.0.1'), new WorkerNode('peer', '10.0.0.2')];
const strangers: Socket[] = [];
beforeAll(async () => {
  for (const address of ['127.0.0.66', '127.0.0.67']) {
    const stranger = createSocket('udp4').bind(0, address);
    await once(stranger, 'listening');
    strangers.push(stranger);
  }
  peer.knows(flooded);
  flooded.knows(peer, { path: false });
});
afterAll(() => {
  for (const stranger of strangers) stranger.close();
  for (const node of [flooded, peer]) node.close();
});

const junk = Uint8Array.of(INITIATION.type, ...new Uint8Array(INITIATION.length - 1));
const { guard, desk, mover } = flooded.worker;

/** Of so many initiations of a stranger, those that came so far that a place was looked for where they could wait. */
async function heard(stranger: Socket, count: number, datagram = junk): Promise<number> {
  const places = jest.spyOn(desk.queue, 'push');
  for (let left = count; left > 0; left -= BURST) {
    for (let i = 0; i < Math.min(BURST, left); i++) stranger.send(datagram, flooded.sockets.port, '127.0.0.1');
    await new Promise((resolve) => stranger.send('last', flooded.sockets.port, '127.0.0.1', resolve));
    for (let i = 0; i < BURST; i++) mover.receiveAll(flooded.now, flooded.sockets.v4);
    guard.look(flooded.now);
    flooded.turn();
  }
  const { length } = places.mock.calls;
  places.mockRestore();
  return length;
}

const sessions = (): number =>
  flooded.notices.filter((notice) => notice.kind === 'event' && notice.event.type === 'handshake_completed').length;

test('of a flood the kernel refuses what comes from its source; peers and other strangers are heard', async () => {
  const [attacker, other] = strangers as [Socket, Socket];
  const packet = Uint8Array.of(0x45, 0, 0, 20, ...new Uint8Array(8), 10, 0, 0, 2, 10, 0, 0, 1);
  peer.calls.send(packet);
  settle(peer, flooded);
  expect(sessions()).toBe(1);
  expect(await heard(attacker, 2_000)).toBeGreaterThan(1_000);
  expect(await heard(attacker, 1_000)).toBe(0);
  expect(await heard(other, 10)).toBe(10);
  flooded.now += 4_000;
  peer.now += 4_000;
  peer.calls.renewSession(flooded.keys.publicKey);
  settle(peer, flooded);
  expect(sessions()).toBe(2);
  flooded.now += 1_000;
  flooded.turn();
  expect(await heard(attacker, 10)).toBe(10);
});

test('a thread that follows on one that ended during a flood hears all', async () => {
  const [attacker] = strangers as [Socket];
  await heard(attacker, 2_000);
  expect(await heard(attacker, 10)).toBe(0);
  new FloodGuard(new Refusals<SocketPath>(), new SocketGate(flooded.sockets, new SourcePaths()));
  expect(await heard(attacker, 10)).toBe(10);
});

test('answers to nothing take no place where handshakes wait', async () => {
  const [, other] = strangers as [Socket, Socket];
  const before = desk.refusals.total;
  expect(await heard(other, 100, Uint8Array.of(RESPONSE.type, ...new Uint8Array(RESPONSE.length - 1)))).toBe(0);
  expect(desk.refusals.total).toBe(before + 100);
});
