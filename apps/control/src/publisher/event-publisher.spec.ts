import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Leases, MemoryRegisters, type Stopwatch } from '#coordination';
import { checkedStore, EMPTY_HEAD, type EventStore, type LedgerEvent, memoryEventStore } from '#event-store';
import { RECORDED_AT, testAppends, testEvents } from '#event-store/testing';
import { fromUtf8, NetfoldError, type Problem } from '#kernel';
import { type Bus, EVENTS, LocalBus, type Message, type ReceivedMessage, type Topic } from '#messaging';
import { BusRecorder } from '#messaging/testing';
import { EventPublisher, PUBLISHER_CHECKPOINT } from './event-publisher.js';
import { startPublisher } from './start-publisher.js';

/** A bus that may fail before or after the topic has what was sent. */
class FaultyBus extends LocalBus {
  constructor(readonly fault: (messages: readonly Message[]) => 'none' | 'before' | 'after' | 'too-large') {
    super(() => {});
  }

  override async publish(topic: Topic, ...messages: readonly Message[]): Promise<void> {
    const fault = this.fault(messages);
    if (fault === 'too-large') throw new NetfoldError({ code: 'bus.too_large', message: 'too large' });
    if (fault !== 'before') await super.publish(topic, ...messages);
    if (fault !== 'none') throw new NetfoldError({ code: 'bus.unavailable', message: 'the broker is away' });
  }
}

async function appendAll(store: EventStore, appends: readonly (readonly LedgerEvent[])[]): Promise<void> {
  for (const events of appends) {
    const [first] = events;
    if (first) await store.append(first.stream, first.revision - 1, events);
  }
}

async function recorded(bus: Bus): Promise<BusRecorder> {
  const recorder = new BusRecorder();
  await bus.subscribe(EVENTS, 'newest', recorder.handle).ready;
  return recorder;
}

/** A store with subscriptions of its own. */
const storeWith = (store: EventStore, subscribe: EventStore['subscribe']): EventStore => ({
  append: (stream, expectedRevision, events) => store.append(stream, expectedRevision, events),
  read: (stream, options) => store.read(stream, options),
  hashes: (stream, from) => store.hashes(stream, from),
  readAll: (options) => store.readAll(options),
  head: (stream) => store.head(stream),
  streams: () => store.streams(),
  subscribe,
  checkpoint: (name) => store.checkpoint(name),
  saveCheckpoint: (name, position) => store.saveCheckpoint(name, position),
  close: () => store.close(),
});

/** Time that passes at once. */
const hurried: Stopwatch = { now: () => 0, pause: () => new Promise(setImmediate) };

/** A publisher at work until it is stopped. */
function running(store: EventStore, bus: Bus, problems: Problem[] = []) {
  const ended = new AbortController();
  const publisher = new EventPublisher({ store, bus, report: (problem) => problems.push(problem), stopwatch: hurried });
  const done = publisher.run(ended.signal);
  return {
    publisher,
    stop: () => {
      ended.abort();
      return done;
    },
  };
}

const revisionOf = ({ headers }: ReceivedMessage) => Number(headers.revision);

/** The revisions of one tailnet without repetitions, in the order in which they came first. */
const firstSeen = (recorder: BusRecorder, key: string) => [
  ...new Set(recorder.messages.filter((message) => message.key === key).map(revisionOf)),
];

const upTo = (count: number) => Array.from({ length: count }, (_, i) => i);

describe('the publisher', () => {
  test('publishes what is in the ledger and what comes to it, so that anybody can check the hashes', async () => {
    const store = memoryEventStore();
    const bus = new LocalBus(() => {});
    const recorder = await recorded(bus);
    const appends = testAppends('tailnet-a', 4, 3);
    await appendAll(store, [
      ...appends.slice(0, 2),
      ...testAppends('directory', 1, 2),
      ...testAppends('tailnet-b', 1, 2),
    ]);
    const { publisher, stop } = running(store, bus);
    await recorder.until(8);
    await appendAll(store, appends.slice(2));
    await recorder.until(14);
    expect(firstSeen(recorder, 'a')).toEqual(upTo(12));
    expect(firstSeen(recorder, 'b')).toEqual([0, 1]);
    expect(publisher.published).toBe(14);
    let previous = EMPTY_HEAD.hash;
    for (const [i, event] of appends.flat().entries()) {
      const message = recorder.messages.filter(({ key }) => key === 'a')[i];
      const value = fromUtf8(message?.value ?? new Uint8Array());
      expect(message?.headers).toEqual({
        id: event.id,
        revision: String(i),
        type: event.type,
        version: '1',
        hash: event.hash,
        'content-type': 'application/json',
      });
      expect(
        createHash('sha256')
          .update(previous + value)
          .digest('hex'),
      ).toBe(event.hash);
      expect(JSON.parse(value).data).toEqual(event.data);
      previous = event.hash;
    }
    await stop();
    await bus.close();
    await store.close();
  });

  test('loses nothing and keeps the order, whatever fails and whenever it is stopped', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('none', 'before', 'after'), { maxLength: 12 }),
        fc.array(fc.nat(4), { maxLength: 3 }),
        async (faults, stops) => {
          const store = memoryEventStore();
          const left = [...faults];
          const bus = new FaultyBus(() => left.shift() ?? 'none');
          const recorder = await recorded(bus);
          const appends = [testAppends('tailnet-a', 6, 2), testAppends('tailnet-b', 3, 1)];
          let stopped = Promise.resolve();
          for (const turns of [...stops, 0]) {
            await stopped;
            const { stop } = running(store, bus);
            await appendAll(
              store,
              appends.flatMap((of) => of.splice(0, 2)),
            );
            for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate);
            stopped = stop();
          }
          await stopped;
          const { stop } = running(store, bus);
          await appendAll(store, appends.flat());
          await recorder.until(() => firstSeen(recorder, 'a').length + firstSeen(recorder, 'b').length === 15);
          expect(firstSeen(recorder, 'a')).toEqual(upTo(12));
          expect(firstSeen(recorder, 'b')).toEqual(upTo(3));
          await stop();
          await bus.close();
          await store.close();
        },
      ),
      { numRuns: 25 },
    ));

  test('goes on after what was acknowledged', async () => {
    const store = memoryEventStore();
    const bus = new LocalBus(() => {});
    const recorder = await recorded(bus);
    await appendAll(store, testAppends('tailnet-a', 3, 1));
    const first = running(store, bus);
    await recorder.until(3);
    while ((await store.checkpoint(PUBLISHER_CHECKPOINT)) === undefined) await new Promise(setImmediate);
    await first.stop();
    const second = running(store, bus);
    await appendAll(store, testAppends('tailnet-b', 1, 1));
    await recorder.until(4);
    expect(recorder.messages.map(({ key }) => key)).toEqual(['a', 'a', 'a', 'b']);
    await second.stop();
  });

  test('while the brokers are away reads two batches at most, and says so once', async () => {
    const store = memoryEventStore();
    let away = true;
    let handed = 0;
    const counting = storeWith(store, (start, handler) => {
      handed = 0;
      return store.subscribe(start, (event) => {
        handed += 1;
        return handler(event);
      });
    });
    const attempts = Promise.withResolvers<void>();
    let tries = 0;
    const bus = new FaultyBus(() => {
      if (++tries === 2) attempts.resolve();
      return away ? 'before' : 'none';
    });
    const recorder = await recorded(bus);
    await appendAll(store, testAppends('tailnet-a', 20, 100));
    const problems: Problem[] = [];
    const { publisher, stop } = running(counting, bus, problems);
    await attempts.promise;
    expect(handed).toBeLessThanOrEqual(1000);
    expect(publisher.problem).toMatchObject({ code: 'bus.unavailable' });
    expect(publisher.publishedUntil).toBeUndefined();
    away = false;
    await recorder.until(2000);
    expect(firstSeen(recorder, 'a')).toEqual(upTo(2000));
    expect(problems).toMatchObject([{ code: 'bus.unavailable' }]);
    await stop();
    expect(publisher.publishedUntil).toBe(RECORDED_AT);
  });

  test('sends an event that the brokers find too large without its content, and those around it whole', async () => {
    const store = memoryEventStore();
    const large = ({ headers }: Message) => headers?.revision === '1' && headers.omitted === undefined;
    const bus = new FaultyBus((messages) => (messages.some(large) ? 'too-large' : 'none'));
    const recorder = await recorded(bus);
    await appendAll(store, testAppends('tailnet-a', 1, 3));
    const problems: Problem[] = [];
    const { publisher, stop } = running(store, bus, problems);
    await recorder.until(3);
    const bodies = recorder.messages.map(({ value }) => JSON.parse(fromUtf8(value ?? new Uint8Array())));
    expect(bodies.map(({ revision, data }) => [revision, data])).toEqual([
      [0, { n: 0 }],
      [1, undefined],
      [2, { n: 2 }],
    ]);
    expect(recorder.messages.map(({ headers }) => headers.omitted)).toEqual([undefined, 'too-large', undefined]);
    expect(problems).toMatchObject([{ code: 'bus.too_large' }]);
    await stop();
    expect(publisher.omitted).toBe(1);
  });

  test('withholds a tailnet whose ledger is damaged, and publishes the others', async () => {
    const store = memoryEventStore();
    const bus = new LocalBus(() => {});
    const recorder = await recorded(bus);
    const altering = storeWith(store, (start, handler) =>
      store.subscribe(start, (event) =>
        handler(event.stream === 'tailnet-bad' && event.revision === 1 ? { ...event, type: 'Altered' } : event),
      ),
    );
    await appendAll(store, [...testAppends('tailnet-bad', 3, 1), ...testAppends('tailnet-good', 2, 1)]);
    const problems: Problem[] = [];
    const { stop } = running(checkedStore(altering), bus, problems);
    await recorder.until(3);
    await appendAll(store, [testEvents('tailnet-other', 1)]);
    await recorder.until(4);
    expect(firstSeen(recorder, 'bad')).toEqual([0]);
    expect(firstSeen(recorder, 'good')).toEqual([0, 1]);
    expect(problems).toMatchObject([{ code: 'publisher.withheld', where: 'tailnet-bad@1' }]);
    await stop();
  });
});

test('of several replicas one publishes, and when it leaves another goes on', async () => {
  const store = memoryEventStore();
  const bus = new LocalBus(() => {});
  const recorder = await recorded(bus);
  const registers = new MemoryRegisters();
  const ports = { store, bus, report: () => {} };
  const replicas = [1, 2].map(() => startPublisher({ ...ports, leases: new Leases(registers, { ttl: 60 }) }));
  const appends = testAppends('tailnet-a', 4, 1);
  await appendAll(store, appends.slice(0, 2));
  await recorder.until(2);
  const [working] = replicas.filter(({ publisher }) => publisher.published > 0);
  const [idle] = replicas.filter((replica) => replica !== working);
  expect(idle?.publisher.published).toBe(0);
  await working?.close();
  await appendAll(store, appends.slice(2));
  await recorder.until(4);
  await idle?.close();
  expect(firstSeen(recorder, 'a')).toEqual(upTo(4));
  expect(idle?.publisher.published).toBeGreaterThanOrEqual(2);
});
