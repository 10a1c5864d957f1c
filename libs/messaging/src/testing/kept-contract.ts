import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { utf8 } from '#kernel';
import { BusRecorder } from './bus-recorder.js';
import type { BusUnderTest } from './bus-under-test.js';
import { text } from './delivery-contract.js';

const changes = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd'), fc.option(fc.string({ maxLength: 4 }))), {
  maxLength: 40,
});

export function keptContract(subject: BusUnderTest, { runs }: { readonly runs: number }): void {
  describe('a topic that keeps the newest message of each key', () => {
    test('tells a late subscriber what it keeps before it is ready, then what is new', async () => {
      const [early, late] = [await subject.open(), await subject.open()];
      const topic = subject.topic('newest-per-key');
      const witness = new BusRecorder();
      await early.subscribe(topic, 'all-kept', witness.handle).ready;
      expect(witness.messages).toEqual([]);
      await early.publish(topic, text('a', '1'), text('b', '1'), text('c', '1'));
      await early.publish(topic, text('a', '2'));
      await early.publish(topic, { key: 'b', value: undefined });
      await witness.until(() => witness.kept().length === 2 && witness.of('a').at(-1) === '2');
      const recorder = new BusRecorder();
      await late.subscribe(topic, 'all-kept', recorder.handle).ready;
      expect(recorder.kept()).toEqual([
        ['a', '2'],
        ['c', '1'],
      ]);
      await early.publish(topic, text('b', '3'), { key: 'c', value: undefined });
      await recorder.until(() => recorder.of('b').at(-1) === '3' && recorder.of('c').at(-1) === undefined);
      expect(recorder.kept()).toEqual([
        ['a', '2'],
        ['b', '3'],
      ]);
    });

    test('says nothing old to a subscriber that asks for what is newest', async () => {
      const bus = await subject.open();
      const topic = subject.topic('newest-per-key');
      const [witness, recorder] = [new BusRecorder(), new BusRecorder()];
      await bus.subscribe(topic, 'all-kept', witness.handle).ready;
      await bus.publish(topic, text('a', 'old'));
      await witness.until(1);
      await bus.subscribe(topic, 'newest', recorder.handle).ready;
      await bus.publish(topic, text('a', 'new'));
      await recorder.until(1);
      expect(recorder.of('a')).toEqual(['new']);
    });

    test('keeps what its last messages say, whatever came before', async () => {
      const [bus, other] = [await subject.open(), await subject.open()];
      await fc.assert(
        fc.asyncProperty(changes, async (published) => {
          const topic = subject.topic('newest-per-key');
          const model = new Map<string, string>();
          const witness = new BusRecorder();
          await other.subscribe(topic, 'all-kept', witness.handle).ready;
          for (const [key, value] of published) {
            await bus.publish(topic, { key, value: value === null ? undefined : utf8(value) });
            if (value === null) model.delete(key);
            else model.set(key, value);
          }
          await bus.publish(topic, text('end', ''));
          await witness.until(() => witness.messages.some(({ key }) => key === 'end'));
          const late = new BusRecorder();
          await other.subscribe(topic, 'all-kept', late.handle).ready;
          await late.until(() => JSON.stringify(late.kept()) === JSON.stringify([...model, ['end', '']].sort()));
          expect(new Map(late.kept()).size).toBe(model.size + 1);
        }),
        { numRuns: runs },
      );
    });
  });

  describe('a bus that was closed', () => {
    test('has ended its subscriptions and refuses everything', async () => {
      const bus = await subject.open();
      const topic = subject.topic();
      const recorder = new BusRecorder();
      const ready = bus.subscribe(topic, 'newest', recorder.handle);
      await ready.ready;
      const early = bus.subscribe(topic, 'newest', recorder.handle).ready.catch((error: unknown) => error);
      await Promise.all([bus.close(), bus.close()]);
      expect(await early).toMatchObject({ code: 'bus.closed' });
      const refused = { code: 'bus.closed' };
      await expect(bus.publish(topic, text('k', 'v'))).rejects.toMatchObject(refused);
      expect(() => bus.subscribe(topic, 'newest', recorder.handle)).toThrow(expect.objectContaining(refused));
      expect(bus.health()).toMatchObject({ connected: false, waiting: 0 });
      await ready.close();
    });
  });
}
