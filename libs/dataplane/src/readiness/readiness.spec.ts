import { expect, test } from '@jest/globals';
import { Readiness } from './readiness.js';

const NEVER = Number.POSITIVE_INFINITY;

/** As after its first exercises. */
function ready(): Readiness {
  const readiness = new Readiness({ perform: () => true });
  while (readiness.patience(0) !== NEVER) readiness.exercise();
  return readiness;
}

/** What it does while packets come at this interval, ms, and so long after the last one. */
function patienceAt(interval: number, after: number): number {
  const readiness = ready();
  for (let i = 0; i < 10; i++) readiness.moved(interval * i);
  return readiness.patience(interval * 9 + after);
}

test('all is exercised at first, often enough to be compiled, whether or not packets come', () => {
  const readiness = new Readiness({ perform: () => true });
  for (let i = 0; i < 200; i++) {
    expect(readiness.patience(i)).toBe(2);
    readiness.exercise();
  }
});

test.each([
  [20, 19, 2],
  [20, 51, NEVER],
  [49, 10, 2],
  [60, 10, NEVER],
  [1_000, 1, NEVER],
  [5, 1, NEVER],
])('packets every %d ms, %d ms after one', (interval, after, patience) => {
  expect(patienceAt(interval, after)).toBe(patience);
});

test('an answer that follows at once does not hide how seldom questions come', () => {
  const readiness = ready();
  for (let at = 0; at < 1_000; at += 20) for (const later of [0, 0.2, 0.4]) readiness.moved(at + later);
  expect(readiness.patience(990)).toBe(2);
});

test('where there is nothing to rehearse on, nobody is woken for it', () => {
  const readiness = new Readiness(undefined);
  for (let at = 0; at < 1_000; at += 20) readiness.moved(at);
  expect(readiness.patience(990)).toBe(NEVER);
});
