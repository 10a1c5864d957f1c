import { writeFileSync } from 'node:fs';
import { afterEach, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { temporaryFolder } from '#event-store/testing';
import { ManualClock } from '../testing/manual-clock.js';
import type { Delivered } from './delivered.js';
import { DeliveryFile } from './delivery-file.js';
import { DeliveryLog } from './delivery-log.js';
import { openDeliveryLog } from './open-delivery-log.js';

const pathOf = temporaryFolder();
const silent = pino({ level: 'silent' });
const DAY = 86_400_000;
const opened: DeliveryLog[] = [];
afterEach(() => {
  for (const log of opened.splice(0)) log.close();
});

function openFile(path: string, clock: ManualClock, bytes = 1 << 20): DeliveryLog {
  const log = new DeliveryLog(new DeliveryFile(path, { bytes, age: 90 * DAY }, clock.now()), clock, silent);
  opened.push(log);
  return log;
}

const close = (log: DeliveryLog) => opened.splice(opened.indexOf(log), 1)[0]?.close();

const fact = (nodeId: string, holds: number, at: number, kind: Delivered['kind'] = 'unchanged'): Delivered => ({
  kind,
  nodeId,
  holds,
  at,
});

const atOf = (log: DeliveryLog, revision: number, recordedAt: number, ...nodes: string[]) =>
  Object.fromEntries(
    [...log.evidence('t', revision, recordedAt, new Set(nodes))].map(([node, { at, exact }]) => [node, [at, exact]]),
  );

test('a node holds a revision from when it first holds it or a later one, in this run and the next', () => {
  const clock = new ManualClock(1_000);
  const path = pathOf('delivery.db');
  const log = openFile(path, clock);
  log.note('t', fact('a', 4, 1_001));
  log.note('t', fact('b', 7, 1_002));
  log.note('t', fact('a', 6, 1_003));
  log.note('t', fact('a', 8, 1_004));
  log.note('other', fact('a', 99, 1_005));
  const expected = { a: [1_003, true], b: [1_002, true] };
  expect(atOf(log, 5, 1_000, 'a', 'b', 'c')).toEqual(expected);
  close(log);
  clock.advance(5_000);
  const next = openFile(path, clock);
  expect(atOf(next, 5, 1_000, 'a', 'b', 'c')).toEqual(expected);
  expect(atOf(next, 5, 1_000, 'b')).toEqual({ b: [1_002, true] });
  next.note('t', fact('c', 9, 7_000, 'resumed'));
  next.note('t', fact('c', 9, 7_500, 'left'));
  expect(atOf(next, 5, 1_000, 'c')).toEqual({ c: [7_000, false] }); // it held it before, who knows since when
  expect(next.lastHeard('t', new Set(['a', 'c', 'd']))).toEqual(
    new Map([
      ['a', 1_004],
      ['c', 7_500],
    ]),
  );
  expect(next.gaps(0)).toEqual([]);
});

test('a server that was stopped without warning says what it may have lost', () => {
  const clock = new ManualClock(1_000);
  const path = pathOf('delivery.db');
  const killed = openFile(path, clock);
  clock.advance(500);
  killed.note('t', fact('a', 4, 1_400));
  killed.flush();
  killed.note('t', fact('a', 5, 1_450)); // and is killed
  clock.advance(10_000);
  const log = openFile(path, clock);
  expect(atOf(log, 4, 1_000, 'a')).toEqual({ a: [1_400, true] });
  expect(atOf(log, 5, 1_000, 'a')).toEqual({});
  expect(log.gaps(1_420)).toEqual([{ from: 1_500, to: 11_500 }]);
  expect(log.gaps(11_501)).toEqual([]);
});

test('the oldest facts are dropped when there are too many, and what is left is not taken for all', () => {
  const clock = new ManualClock(1_000);
  const log = openFile(pathOf('delivery.db'), clock, 64 << 10);
  for (let revision = 0; revision < 400; revision++) {
    for (let n = 0; n < 100; n++) log.note('t', fact(`n${n}`, revision, clock.now()));
    log.flush();
    clock.advance(1_000);
  }
  const at = (revision: number) => 1_000 + revision * 1_000;
  expect(atOf(log, 399, at(399), 'n1')).toEqual({ n1: [at(399), true] });
  const [found, exact] = atOf(log, 3, at(3), 'n1').n1 ?? [];
  expect([exact, Number(found) > at(3)]).toEqual([false, true]);
});

test('facts that are too old are dropped', () => {
  const clock = new ManualClock(1_000);
  const path = pathOf('delivery.db');
  const log = openFile(path, clock);
  log.note('t', fact('a', 1, 1_000));
  close(log);
  clock.advance(91 * DAY);
  expect(atOf(openFile(path, clock), 1, 500, 'a')).toEqual({});
});

test('who listens hears of every fact of its tailnet at once, until it has enough', () => {
  const clock = new ManualClock(0);
  const log = openFile(':memory:', clock);
  const heard: number[] = [];
  const stop = log.listen('t', ({ holds }) => heard.push(holds));
  log.note('t', fact('a', 1, 0));
  log.note('other', fact('a', 2, 0));
  stop();
  log.note('t', fact('a', 3, 0));
  expect(heard).toEqual([1]);
});

test('a file that is damaged is set aside', () => {
  const path = pathOf('damaged.db');
  writeFileSync(path, 'not a database at all, but long enough to look at'.repeat(100));
  const clock = new ManualClock(1_000);
  const log = openDeliveryLog(path, clock, silent);
  opened.push(log);
  log.note('t', fact('a', 1, 1_000));
  expect(atOf(log, 1, 0, 'a')).toEqual({ a: [1_000, true] });
});
