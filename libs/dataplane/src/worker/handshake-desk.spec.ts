import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Engine, INITIATION } from '#wireguard';
import { type SocketPath, socketPathTo } from '../io/socket-address.js';
import { HandshakeDesk } from './handshake-desk.js';
import { HandshakeQueue } from './handshake-queue.js';
import { Refusals } from './refusals.js';
import { TimeShare } from './time-share.js';

const pathOf = (number: number, proven = false): SocketPath => ({
  ...socketPathTo({ address: `10.0.${number >> 8}.${number & 255}`, port: 51_820 }),
  proven,
});
const message = Uint8Array.of(INITIATION.type, ...new Uint8Array(INITIATION.length - 1));

/** A desk whose engine takes `cost` ms for each message, on a clock that only its work moves. */
function deskOf(cost: () => number) {
  const clock = { now: 1_000, served: 0, busy: 0 };
  const receive = () => {
    const time = cost();
    clock.now += time;
    clock.busy += time;
    clock.served++;
  };
  return { clock, desk: new HandshakeDesk({ receive, underLoad: () => {} } as unknown as Engine<SocketPath>) };
}

describe('a flood of handshakes', () => {
  const times = fc.double({ min: 0.001, max: 5, noNaN: true });

  test('takes a twentieth of the time that packets take, and what the loop would sleep, whatever it costs', () => {
    const turn = fc.record({ moves: times, sleeps: fc.oneof(fc.constant(0), times), cost: times });
    fc.assert(
      fc.property(fc.array(turn, { maxLength: 200 }), (turns) => {
        let cost = 0;
        const { clock, desk } = deskOf(() => cost);
        const free = { moved: 0, slept: 0, longest: 0 };
        for (const [index, { moves, sleeps, cost: next }] of turns.entries()) {
          cost = next;
          for (let i = 0; i < 300; i++) desk.queue.push(pathOf(index * 300 + i), message, 0, message.length);
          const since = clock.now;
          clock.now += moves;
          desk.serve(since, () => clock.now);
          clock.now += sleeps;
          desk.woke(clock.now);
          free.moved += moves;
          free.slept += sleeps;
          free.longest = Math.max(free.longest, cost);
          expect(clock.busy).toBeLessThanOrEqual(4 + free.moved / 20 + free.slept + free.longest + 1e-6);
        }
      }),
      { numRuns: 50, seed: 7 },
    );
  });

  test('is met with cookies as soon as many wait, however few of them can be served', () => {
    const asked: number[] = [];
    const engine = { receive: () => {}, underLoad: (now: number) => asked.push(now) } as unknown as Engine<SocketPath>;
    const desk = new HandshakeDesk(engine);
    for (let i = 0; i < 30; i++) desk.queue.push(pathOf(i), message, 0, message.length);
    desk.serve(5, () => 5);
    expect(asked).toEqual([]);
    for (let i = 0; i < 100; i++) desk.queue.push(pathOf(i), message, 0, message.length);
    desk.serve(6, () => 7);
    expect(asked).toEqual([7]);
  });

  test('is served for as long as there is nothing else to do', () => {
    const { clock, desk } = deskOf(() => 0.3);
    for (let i = 0; i < 200; i++) desk.queue.push(pathOf(i), message, 0, message.length);
    for (let turns = 0; desk.queue.length > 0; turns++) {
      expect(turns).toBeLessThan(200);
      expect(desk.patience).toBeLessThanOrEqual(1);
      clock.now += desk.patience;
      desk.woke(clock.now);
      desk.serve(clock.now, () => clock.now);
    }
    expect(clock.served).toBe(200);
    expect(desk.patience).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('the queue', () => {
  test('serves who is known for packets first, and keeps places for them', () => {
    const refusals = new Refusals<SocketPath>();
    const queue = new HandshakeQueue<SocketPath>(refusals);
    for (let i = 0; i < 1_000; i++) queue.push(pathOf(i), message, 0, message.length);
    const [held, peer] = [queue.length, pathOf(2_000, true)];
    queue.push(peer, message, 0, message.length);
    expect(queue.length).toBe(held + 1);
    expect(queue.shift()?.path).toBe(peer);
    expect([refusals.total, refusals.initiations]).toEqual([1_000 - held, 1_000 - held]);
  });

  test('keeps a place for a peer whose address somebody else fills the places of', () => {
    const queue = new HandshakeQueue<SocketPath>();
    for (let i = 0; i < 100; i++) queue.push(pathOf(1), message, 0, message.length);
    const peer = pathOf(1, true);
    queue.push(peer, message, 0, message.length);
    expect(queue.shift()?.path).toBe(peer);
  });

  test('gives one address no more than its part, and takes no longer message than there is', () => {
    const queue = new HandshakeQueue<SocketPath>();
    for (let i = 0; i < 1_000; i++) queue.push(pathOf(1), message, 0, message.length);
    const held = queue.length;
    expect(held).toBeLessThan(100);
    queue.push(pathOf(2), message, 0, message.length);
    queue.push(pathOf(3), new Uint8Array(149), 0, 149);
    expect(queue.length).toBe(held + 1);
    while (queue.shift());
    queue.push(pathOf(1), message, 0, message.length);
    expect(queue.length).toBe(1);
  });
});

test('a share that is not used does not grow without bound', () => {
  const share = new TimeShare();
  share.slept(1_000_000);
  share.spent(5);
  expect(share.isLeft).toBe(false);
});
