import { createRequire } from 'node:module';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import './kafka-client.js';

interface Queue {
  push(request: { entry: { correlationId: number }; expectResponse: boolean; sendRequest: () => void }): void;
  maybeThrottle(milliseconds: number): void;
  fulfillRequest(response: { correlationId: number; size: number; payload: null }): void;
}
const RequestQueue = createRequire(import.meta.url)('kafkajs/src/network/requestQueue') as new (setup: object) => Queue;

let sent: number[];
let queue: Queue;
const ask = (correlationId: number) =>
  queue.push({
    entry: { correlationId, resolve: () => {} } as { correlationId: number },
    expectResponse: true,
    sendRequest: () => sent.push(correlationId),
  });
const answer = (correlationId: number) => queue.fulfillRequest({ correlationId, size: 0, payload: null });

beforeEach(() => {
  jest.useFakeTimers();
  sent = [];
  queue = new RequestQueue({ maxInFlightRequests: 1, logger: { debug: () => {}, warn: () => {} } });
});
afterEach(() => {
  jest.useRealTimers();
});

test('a connection on which nothing waits to be sent wakes nobody', () => {
  ask(1);
  answer(1);
  expect(jest.getTimerCount()).toBe(0);
});

test('what waits is sent when there is room, and when a broker that has enough to do says so', () => {
  ask(1);
  ask(2);
  expect(sent).toEqual([1]);
  answer(1);
  expect(sent).toEqual([1, 2]);
  answer(2);
  jest.runAllTimers();
  queue.maybeThrottle(1_000);
  ask(3);
  jest.advanceTimersByTime(900);
  expect(sent).toEqual([1, 2]);
  jest.advanceTimersByTime(200);
  expect(sent).toEqual([1, 2, 3]);
});
