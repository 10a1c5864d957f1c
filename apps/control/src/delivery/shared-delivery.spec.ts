import { afterEach, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { pino } from 'pino';
import { temporaryFolder } from '#event-store/testing';
import { type Bus, DELIVERIES, LocalBus } from '#messaging';
import { ManualClock } from '../testing/manual-clock.js';
import type { Delivered } from './delivered.js';
import { DeliveryFile } from './delivery-file.js';
import { DeliveryLog } from './delivery-log.js';
import { decodeFacts, encodeFacts } from './fact-message.js';
import { SharedDelivery } from './shared-delivery.js';

const pathOf = temporaryFolder();
const closes: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closes.splice(0).reverse()) await close();
});

function openLog(path = ':memory:'): DeliveryLog {
  const clock = new ManualClock(1_000);
  const log = new DeliveryLog(
    new DeliveryFile(path, { bytes: 1 << 20, age: 86_400_000 }, 1_000),
    clock,
    pino({ level: 'silent' }),
  );
  return log;
}

function replica(self: string, bus: Bus): DeliveryLog {
  const log = openLog();
  const shared = new SharedDelivery(log, bus, self);
  shared.listen();
  closes.push(
    () => log.close(),
    () => shared.close(),
  );
  return log;
}

const fact = (nodeId: string, holds: number, at: number): Delivered => ({ kind: 'unchanged', nodeId, holds, at });
const holders = (log: DeliveryLog, revision: number, ...nodes: string[]) =>
  [...log.evidence('t', revision, 0, new Set(nodes)).keys()].sort();

/** Resolves with the first fact of the tailnet that the log learns. */
const next = (log: DeliveryLog) =>
  new Promise<Delivered>((resolve) => {
    const stop = log.listen('t', (heard) => {
      stop();
      resolve(heard);
    });
  });

const facts = fc.array(
  fc.record({
    kind: fc.constantFrom('frame', 'unchanged', 'resumed', 'left'),
    nodeId: fc.string({ minLength: 1, maxLength: 8 }),
    holds: fc.integer({ min: -1, max: 2 ** 40 }),
    at: fc.nat(2 ** 42),
  }),
);

test('facts survive the bus', () => {
  fc.assert(
    fc.property(facts, fc.nat(), (some, sequence) => {
      const sent = some.map((one) => (one.kind === 'frame' ? { ...one, kind: 'left' as const } : one));
      const message = { replica: 'r', sequence, facts: sent };
      expect(decodeFacts(encodeFacts(message))).toEqual(message);
    }),
  );
});

test('what one replica learns is known to the others, and waited for there', async () => {
  const bus = new LocalBus(() => {});
  closes.push(() => bus.close());
  const [a, b] = [replica('a', bus), replica('b', bus)];
  const told = next(b);
  a.note('t', fact('node', 7, 1_001));
  expect(await told).toEqual(fact('node', 7, 1_001));
  expect([holders(a, 7, 'node'), holders(b, 7, 'node'), holders(b, 8, 'node')]).toEqual([['node'], ['node'], []]);
});

test('what is said twice is taken once, also by the next run', () => {
  const path = pathOf('delivery.db');
  const first = openLog(path);
  first.hear('t', [fact('a', 1, 5)], 'r', 0);
  first.hear('t', [fact('a', 1, 5)], 'r', 0);
  first.close();
  const second = openLog(path);
  let heard = 0;
  second.listen('t', () => heard++);
  second.hear('t', [fact('a', 1, 5)], 'r', 0);
  second.hear('other', [fact('a', 1, 5)], 'r', 0);
  expect(heard).toBe(0);
  second.hear('t', [fact('b', 2, 6)], 'r', 1);
  second.hear('t', [fact('c', 2, 6)], 'later', 0);
  expect(heard).toBe(2);
  expect(holders(second, 1, 'a', 'b', 'c')).toEqual(['a', 'b', 'c']);
  second.close();
});

test('while the bus is away, this replica knows what it learns, and tells the others later', async () => {
  const bus = new LocalBus(() => {});
  closes.push(() => bus.close());
  let away = true;
  const flaky = Object.assign(Object.create(bus) as Bus, {
    publish: (...said: Parameters<Bus['publish']>) =>
      away && said[0] === DELIVERIES ? Promise.reject(new Error('away')) : bus.publish(...said),
    subscribe: bus.subscribe.bind(bus),
  });
  const [a, b] = [replica('a', flaky), replica('b', bus)];
  a.note('t', fact('node', 7, 1_001));
  expect(holders(a, 7, 'node')).toEqual(['node']);
  const told = next(b);
  away = false;
  await told;
  expect(holders(b, 7, 'node')).toEqual(['node']);
});
