import { describe, expect, test } from '@jest/globals';
import { collect, testAppends } from './fixtures.js';
import { Recorder } from './recorder.js';
import type { StoreUnderTest } from './store-under-test.js';

export function persistenceContract(subject: StoreUnderTest): void {
  describe('after a restart', () => {
    test('everything is there, and the stream goes on', async () => {
      const stream = subject.stream();
      const [first = [], second = []] = testAppends(stream, 2, 3);
      const appended = await subject.append(first);
      const [before, head] = [await collect(subject.store.read(stream)), await subject.store.head(stream)];
      await subject.reopen();
      expect(await collect(subject.store.read(stream))).toEqual(before);
      expect(await subject.store.head(stream)).toEqual(head);
      expect(await subject.append(first)).toEqual(appended);
      expect((await subject.append(second)).position).toBeGreaterThan(appended.position);
    });

    test('a consumer goes on from its checkpoint without gap or repetition', async () => {
      const consumer = subject.stream('projection');
      const appends = testAppends(subject.stream(), 40, 2);
      const recorder = new Recorder();
      const consume = async (until: number) => {
        const { store } = subject;
        const after = (await store.checkpoint(consumer)) ?? subject.start;
        const subscription = store.subscribe({ after }, async (event) => {
          recorder.handle(event);
          await store.saveCheckpoint(consumer, event.position);
          if (recorder.events.length === until) void subscription.close();
        });
        expect(await subscription.closed).toBeUndefined();
      };
      await Promise.all(appends.slice(0, 20).map((events) => subject.append(events)));
      await consume(25);
      await subject.reopen();
      const writing = Promise.all(appends.slice(20).map((events) => subject.append(events)));
      await consume(80);
      await writing;
      expect(recorder.events).toEqual(await collect(subject.store.readAll({ after: subject.start })));
    });
  });
}
