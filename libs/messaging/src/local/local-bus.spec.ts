import { expect, test } from '@jest/globals';
import { type Problem, utf8 } from '#kernel';
import { busContract } from '../testing/bus-contract.js';
import { BusRecorder } from '../testing/bus-recorder.js';
import type { Topic } from '../topic.js';
import { LocalBus } from './local-bus.js';

busContract('in process', { runs: 50 }, () => {
  let bus: LocalBus | undefined;
  return {
    open(report) {
      bus ??= new LocalBus(report);
      return bus;
    },
  };
});

const topic: Topic = { name: 'netfold.test', keeps: { forMs: 1000 } };

test('a handler never runs within the call that publishes', async () => {
  const bus = new LocalBus(() => {});
  const recorder = new BusRecorder();
  await bus.subscribe(topic, 'newest', recorder.handle).ready;
  const published = bus.publish(topic, { key: 'k', value: utf8('v') });
  expect(recorder.messages).toEqual([]);
  await published;
  await recorder.until(1);
});

test('a handler that is stuck loses the oldest, which is said once; it keeps nobody waiting', async () => {
  const problems: Problem[] = [];
  const bus = new LocalBus((problem) => problems.push(problem));
  const gate = Promise.withResolvers<void>();
  const seen: string[] = [];
  await bus.subscribe(topic, 'newest', async ({ key }) => {
    seen.push(key);
    await gate.promise;
  }).ready;
  const messages = Array.from({ length: 100_010 }, (_, i) => ({ key: String(i), value: utf8('') }));
  await bus.publish(topic, ...messages.slice(0, 1));
  await bus.publish(topic, ...messages.slice(1));
  expect(bus.health()).toEqual({ connected: true, waiting: 0, dropped: 9, unhandled: 100_000 });
  expect(problems).toMatchObject([{ code: 'bus.slow_handler', where: topic.name }]);
  gate.resolve();
  while (bus.health().unhandled > 0) await new Promise(setImmediate);
  expect(seen.join() === ['0', ...messages.slice(10).map(({ key }) => key)].join()).toBe(true);
});
