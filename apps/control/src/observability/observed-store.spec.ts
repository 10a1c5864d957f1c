import { expect, test } from '@jest/globals';
import { pino } from 'pino';
import { checkedStore, EMPTY_HEAD, type EventStore, memoryEventStore } from '#event-store';
import { RECORDED_AT, testEvents } from '#event-store/testing';
import { NetfoldError } from '#kernel';
import { Observability } from './observability.js';
import { observedStore } from './observed-store.js';

const STREAM = 'tailnet-a';

function setup(broken: Partial<EventStore> = {}) {
  const clock = { now: () => RECORDED_AT + 1_500 };
  const observability = new Observability(clock, pino({ level: 'silent' }));
  const inner = { ...checkedStore(memoryEventStore()), ...broken };
  const store = observedStore(inner, observability, clock);
  const value = async (series: string) =>
    Number(
      new RegExp(`^${series.replace(/[{}]/g, '\\$&')} (.*)$`, 'm').exec(
        await observability.metrics.registry.metrics(),
      )?.[1],
    );
  return { store, value, lag: observability.metrics.lag };
}

const away = (): Promise<never> => Promise.reject(new NetfoldError({ code: 'store.unreachable', message: 'away' }));

test('appends are told apart by what became of them', async () => {
  const { store, value } = setup();
  await store.append(STREAM, -1, testEvents(STREAM, 3));
  await expect(store.append(STREAM, -1, testEvents(STREAM, 1, EMPTY_HEAD, 'other'))).rejects.toThrow();
  await expect(store.append(STREAM, 2, testEvents(STREAM, 1))).rejects.toMatchObject({ code: 'store.bad_chain' });
  expect(await value('netfold_append_seconds_count{outcome="stored"}')).toBe(1);
  expect(await value('netfold_append_seconds_count{outcome="contended"}')).toBe(1);
  expect(await value('netfold_append_seconds_count{outcome="refused"}')).toBe(1);
  expect(await value('netfold_append_events_sum')).toBe(3);
  expect(await value('netfold_store_up')).toBe(1);
});

test('a store that fails is down until it answers again', async () => {
  let isAway = true;
  const { store, value } = setup({
    append: away,
    head: () => (isAway ? away() : Promise.resolve(EMPTY_HEAD)),
  });
  await expect(store.append(STREAM, -1, testEvents(STREAM, 1))).rejects.toMatchObject({ code: 'store.unreachable' });
  await expect(store.head(STREAM)).rejects.toMatchObject({ code: 'store.unreachable' });
  expect(await value('netfold_store_failures_total{operation="append",code="store.unreachable"}')).toBe(1);
  expect(await value('netfold_store_failures_total{operation="head",code="store.unreachable"}')).toBe(1);
  expect(await value('netfold_store_up')).toBe(0);
  isAway = false;
  await store.head(STREAM);
  expect(await value('netfold_store_up')).toBe(1);
});

test('what was stored is behind until a subscriber has it, and how old it was then is measured', async () => {
  const { store, value, lag } = setup();
  await store.append(STREAM, -1, testEvents(STREAM, 3));
  expect(lag.events).toBe(3);
  const subscription = store.subscribe({ after: undefined }, () => {});
  await subscription.caughtUp;
  expect(lag.events).toBe(0);
  expect(await value('netfold_dispatch_seconds_count')).toBe(3);
  expect(await value('netfold_event_lag_seconds_sum')).toBeCloseTo(4.5, 1);
  await subscription.close();
  await store.close();
});
