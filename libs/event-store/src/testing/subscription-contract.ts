import { describe, expect, test } from '@jest/globals';
import type { LedgerEvent } from '../event.js';
import { collect, testAppends } from './fixtures.js';
import { Recorder } from './recorder.js';
import type { StoreUnderTest } from './store-under-test.js';

export function subscriptionContract(subject: StoreUnderTest): void {
  const writeAll = (appends: LedgerEvent[][]) => Promise.all(appends.map((events) => subject.append(events)));
  const all = () => collect(subject.store.readAll({ after: subject.start }));

  describe('a subscription', () => {
    test('gets old events, then new ones, each once and in order, while others append', async () => {
      const [a, b] = ['tailnet-a', 'tailnet-b'].map((name) => testAppends(subject.stream(name), 200, 2));
      await writeAll(a?.slice(0, 150) ?? []);
      const recorder = new Recorder();
      const writing = Promise.all([writeAll(a?.slice(150) ?? []), writeAll(b ?? [])]);
      const subscription = subject.store.subscribe({ after: subject.start }, async (event) => {
        await Promise.resolve();
        recorder.handle(event);
      });
      await subscription.caughtUp;
      expect(recorder.events.length).toBeGreaterThanOrEqual(300);
      await writing;
      await recorder.until(800);
      expect(recorder.events).toEqual(await all());
    });

    test('of one stream gets only that, after a position', async () => {
      const stream = subject.stream();
      const [first = [], ...rest] = testAppends(stream, 300, 1);
      await writeAll(testAppends(subject.stream('other'), 3, 2));
      const { position } = await subject.append(first);
      await writeAll(testAppends(subject.stream('another'), 3, 2));
      await writeAll(rest.slice(0, -1));
      const recorder = new Recorder();
      const subscription = subject.store.subscribe({ stream, after: position }, recorder.handle);
      await subscription.caughtUp;
      await writeAll([...testAppends(subject.stream('last'), 1, 1), ...rest.slice(-1)]);
      await recorder.until(299);
      expect(recorder.events).toEqual(await collect(subject.store.read(stream, { from: 1 })));
    });

    test('of a stream that does not exist yet waits for it', async () => {
      const stream = subject.stream();
      const recorder = new Recorder();
      await subject.store.subscribe({ stream, after: undefined }, recorder.handle).caughtUp;
      await writeAll(testAppends(stream, 1, 2));
      await recorder.until(2);
      expect(recorder.events.map(({ revision }) => revision)).toEqual([0, 1]);
    });

    test('hands over one event at a time, and writers do not wait for it', async () => {
      const recorder = new Recorder();
      const gate = Promise.withResolvers<void>();
      let running = 0;
      subject.store.subscribe({ after: subject.start }, async (event) => {
        expect(++running).toBe(1);
        recorder.handle(event);
        await gate.promise;
        running -= 1;
      });
      await writeAll(testAppends(subject.stream(), 50, 2));
      await recorder.until(1);
      await writeAll(testAppends(subject.stream('other'), 50, 2));
      expect(recorder.events).toHaveLength(1);
      gate.resolve();
      await recorder.until(200);
      expect(recorder.events).toEqual(await all());
    });

    test.each([
      [
        'throws',
        () => {
          throw new Error('the projection is broken');
        },
      ],
      ['rejects', () => Promise.reject(new Error('the projection is broken'))],
    ])('whose handler %s ends there and says at which event', async (_, fail) => {
      const healthy = new Recorder();
      subject.store.subscribe({ after: subject.start }, healthy.handle);
      const [first = [], second = []] = testAppends(subject.stream(), 2, 2);
      await subject.append(first);
      const handled: number[] = [];
      const failing = subject.store.subscribe({ after: subject.start }, ({ revision }) =>
        revision === 1 ? fail() : void handled.push(revision),
      );
      const early = failing.caughtUp.catch((error: unknown) => error);
      const problem = await failing.closed;
      expect(problem).toMatchObject({ code: 'store.handler_failed' });
      expect(problem?.message).toContain(first[1]?.id);
      expect(problem?.message).toContain('the projection is broken');
      expect(problem?.where).toContain(`${subject.stream()}@1`);
      expect(await early).toMatchObject({ code: 'store.handler_failed' });
      await subject.append(second);
      await healthy.until(4);
      expect(handled).toEqual([0]);
    });

    test('that is closed gets nothing any more', async () => {
      const [first = [], second = []] = testAppends(subject.stream(), 2, 2);
      const [closed, other] = [new Recorder(), new Recorder()];
      const subscription = subject.store.subscribe({ after: subject.start }, closed.handle);
      subject.store.subscribe({ after: subject.start }, other.handle);
      await subject.append(first);
      await closed.until(2);
      await subscription.close();
      expect(await subscription.closed).toBeUndefined();
      await subject.append(second);
      await other.until(4);
      expect(closed.events).toHaveLength(2);
    });

    test('may append from its handler, and gets those events too', async () => {
      const [first = [], ...answers] = testAppends(subject.stream(), 4, 1);
      const recorder = new Recorder();
      subject.store.subscribe({ after: subject.start }, async (event) => {
        const answer = answers[event.revision];
        if (answer) await subject.append(answer);
        recorder.handle(event);
      });
      await subject.append(first);
      await recorder.until(4);
      expect(recorder.events.map(({ revision }) => revision)).toEqual([0, 1, 2, 3]);
    });

    test('can be closed by its handler, which then is done', async () => {
      await writeAll(testAppends(subject.stream(), 3, 2));
      const handled: number[] = [];
      const subscription = subject.store.subscribe({ after: subject.start }, ({ revision }) => {
        handled.push(revision);
        if (revision === 1) void subscription.close();
      });
      const early = subscription.caughtUp.catch((error: unknown) => error);
      expect(await subscription.closed).toBeUndefined();
      expect(await early).toMatchObject({ code: 'store.subscription_closed' });
      expect(handled).toEqual([0, 1]);
    });
  });

  describe('close', () => {
    test('commits what was asked for before, then refuses everything', async () => {
      const { store } = subject;
      const stream = subject.stream();
      const [first = [], second = []] = testAppends(stream, 2, 1);
      const subscription = store.subscribe({ after: undefined }, () => {});
      const append = store.append(stream, -1, first);
      await Promise.all([store.close(), store.close()]);
      expect(await append).toMatchObject({ revision: 0 });
      expect(await subscription.closed).toBeUndefined();
      const refused = { code: 'store.closed' };
      await expect(store.append(stream, 0, second)).rejects.toMatchObject(refused);
      await expect(store.head(stream)).rejects.toMatchObject(refused);
      await expect(store.streams()).rejects.toMatchObject(refused);
      await expect(store.checkpoint('x')).rejects.toMatchObject(refused);
      await expect(store.saveCheckpoint('x', 1)).rejects.toMatchObject(refused);
      await expect(collect(store.read(stream))).rejects.toMatchObject(refused);
      await expect(collect(store.readAll())).rejects.toMatchObject(refused);
      expect(() => store.subscribe({ after: undefined }, () => {})).toThrow(expect.objectContaining(refused));
    });

    test('lets a handler that is at work finish with the store', async () => {
      const { store } = subject;
      const consumer = subject.stream('projection');
      const gate = Promise.withResolvers<void>();
      const started = Promise.withResolvers<void>();
      const subscription = store.subscribe({ after: subject.start }, async ({ position }) => {
        started.resolve();
        await gate.promise;
        await store.saveCheckpoint(consumer, position);
      });
      await subject.append(testAppends(subject.stream(), 1, 2)[0] ?? []);
      await started.promise;
      const closed = store.close();
      expect(() => store.subscribe({ after: undefined }, () => {})).toThrow(
        expect.objectContaining({ code: 'store.closed' }),
      );
      gate.resolve();
      await closed;
      expect(await subscription.closed).toBeUndefined();
    });
  });
}
