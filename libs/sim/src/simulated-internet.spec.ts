import { beforeEach, expect, test } from '@jest/globals';
import { Dice } from './dice.js';
import { Scheduler } from './scheduler.js';
import { FAIR, SimulatedInternet } from './simulated-internet.js';

const [A, B] = [
  { address: '192.0.2.1', port: 1 },
  { address: '192.0.2.2', port: 2 },
];
let scheduler: Scheduler;
let internet: SimulatedInternet;
let heard: string[];

beforeEach(() => {
  scheduler = new Scheduler();
  internet = new SimulatedInternet(scheduler, new Dice(1));
  heard = [];
  internet.socket(B).onDatagram((bytes, from) => heard.push(`${scheduler.now} ${from.address} ${bytes}`));
});

async function send(count: number): Promise<number> {
  const socket = internet.socket(A);
  for (let i = 0; i < count; i++) socket.send(B, Uint8Array.of(i));
  await scheduler.pass(1_000);
  return heard.length;
}

test('a datagram takes as long as the weather says, and says where it comes from', async () => {
  expect(await send(1)).toBe(1);
  expect(heard).toEqual(['5 192.0.2.1 0']);
});

test('bad weather loses some, doubles some, and mixes them up', async () => {
  internet.weather = { ...FAIR, loss: 0.5 };
  const left = await send(100);
  expect(left).toBeGreaterThan(20);
  expect(left).toBeLessThan(80);
  internet.weather = { ...FAIR, duplication: 1, jitter: 50 };
  heard = [];
  expect(await send(20)).toBe(40);
  expect(heard.map((line) => Number(line.split(' ')[2]))).not.toEqual([...Array(40).keys()].map((i) => i >> 1));
});

test('nothing passes a cut until it is mended, and nothing reaches a closed socket', async () => {
  internet.cut(A.address, B.address);
  expect(await send(3)).toBe(0);
  internet.mend();
  expect(await send(3)).toBe(3);
  await internet.socket(B).close();
  expect(await send(3)).toBe(3);
});
