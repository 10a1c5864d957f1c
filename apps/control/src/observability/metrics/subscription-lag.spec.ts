import { expect, test } from '@jest/globals';
import { SubscriptionLag } from './subscription-lag.js';

function setup() {
  let now = 0;
  const lag = new SubscriptionLag(() => now);
  const pass = (ms: number) => {
    now += ms;
  };
  return { lag, pass };
}

test('what was stored and has not come back is behind, since it was stored', () => {
  const { lag, pass } = setup();
  lag.stored('t', 4, 6);
  pass(1_500);
  lag.stored('t', 6, 9);
  expect([lag.events, lag.seconds]).toEqual([5, 1.5]);
  lag.applied('t', 7);
  pass(500);
  expect([lag.events, lag.seconds]).toEqual([2, 0.5]);
  lag.applied('t', 9);
  expect([lag.events, lag.seconds]).toEqual([0, 0]);
});

test('streams are told apart', () => {
  const { lag } = setup();
  lag.stored('a', -1, 2);
  lag.stored('b', 0, 1);
  lag.applied('b', 1);
  lag.applied('c', 50);
  expect(lag.events).toBe(3);
});

test('what has come back before the store had answered is not behind', () => {
  const { lag } = setup();
  lag.applied('t', 3);
  lag.stored('t', 1, 3);
  expect(lag.events).toBe(0);
});
