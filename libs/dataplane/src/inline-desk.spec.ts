import { afterEach, describe, expect, test } from '@jest/globals';
import { InlineDesk } from './inline-desk.js';
import { pathTo } from './udp-path.js';

const COST = 1;
const message = new Uint8Array(148);
const pathOf = (number: number) => pathTo({ address: `10.0.${number >> 8}.${number & 255}`, port: 51_820 });

const clock = { now: 0, idle: 0 };
let served: string[] = [];
let later = Promise.withResolvers<void>();
let desk: InlineDesk;

function open(): void {
  Object.assign(clock, { now: 0, idle: 0 });
  served = [];
  later = Promise.withResolvers();
  desk = new InlineDesk({
    engine: {
      receive: (_now, { key }) => {
        served.push(key);
        clock.now += COST;
      },
      underLoad: () => {},
    },
    monotonic: () => clock.now,
    idle: () => clock.idle,
    served: () => later.resolve(),
  });
}
afterEach(() => desk.close());

const flood = (from: number, count: number) => {
  for (let i = from; i < from + count; i++) desk.receive(pathOf(i), message);
};

describe('handshakes that come to a thread with other work', () => {
  test('are served at once, each before the next', () => {
    open();
    flood(0, 3);
    expect(served).toHaveLength(3);
    expect(desk.queue.length).toBe(0);
  });

  test('take a twentieth of the time that the thread works, however many come', () => {
    open();
    flood(0, 100);
    const first = served.length;
    expect(first).toBeLessThan(10);
    for (let turn = 0; turn < 20; turn++) {
      clock.now += 100; // at work
      flood(100 + turn, 1);
    }
    expect(served.length - first).toBeLessThanOrEqual((20 * 100) / 20 / COST + 1);
    expect(served.length - first).toBeGreaterThan(20);
  });

  test('that wait are served when the thread has nothing to do', async () => {
    open();
    flood(0, 20);
    const first = served.length;
    clock.now += 50;
    clock.idle += 50;
    await later.promise;
    expect(served.length).toBeGreaterThan(first);
  });

  test('of those who are known for their packets go first', () => {
    open();
    desk.prove(pathOf(99));
    flood(0, 90);
    flood(99, 1);
    const first = served.length;
    clock.now += 100;
    flood(98, 1);
    expect(served[first]).toBe(pathOf(99).key);
  });
});
