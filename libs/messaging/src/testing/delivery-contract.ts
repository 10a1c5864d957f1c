import { describe, expect, test } from '@jest/globals';
import { utf8 } from '#kernel';
import type { Message, ReceivedMessage } from '../bus.js';
import { BusRecorder } from './bus-recorder.js';
import type { BusUnderTest } from './bus-under-test.js';

export const text = (key: string, value: string): Message => ({ key, value: utf8(value) });

const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => String(from + i));

export function deliveryContract(subject: BusUnderTest): void {
  describe('a message', () => {
    test('reaches every subscriber of every process once, in order for its key', async () => {
      const [here, there] = [await subject.open(), await subject.open()];
      const topic = subject.topic();
      const recorders = [new BusRecorder(), new BusRecorder(), new BusRecorder()];
      const buses = [here, there, there];
      await Promise.all(recorders.map(({ handle }, i) => buses[i]?.subscribe(topic, 'newest', handle).ready));
      const own = (bus: typeof here, key: string) =>
        Promise.all(numbers(0, 100).map((value) => bus.publish(topic, text(key, value), text(`${key}'`, value))));
      await Promise.all([own(here, 'a'), own(there, 'b')]);
      for (const recorder of recorders) {
        await recorder.until(400);
        expect(recorder.messages).toHaveLength(400);
        for (const key of ['a', "a'", 'b', "b'"]) expect(recorder.of(key)).toEqual(numbers(0, 100));
      }
    });

    test('arrives as it was sent', async () => {
      const bus = await subject.open();
      const topic = subject.topic();
      const recorder = new BusRecorder();
      await bus.subscribe(topic, 'newest', recorder.handle).ready;
      const sent: readonly ReceivedMessage[] = [
        { key: 'ключ', value: Uint8Array.from({ length: 256 }, (_, i) => i), headers: { id: '1', 'naïve-☃': '' } },
        { key: ' ', value: new Uint8Array(), headers: {} },
        { key: 'large', value: new Uint8Array(1 << 19).fill(7), headers: {} },
      ];
      await bus.publish(topic, ...sent);
      await recorder.until(3);
      const plain = (message: Message) => ({
        ...message,
        value: [...(message.value ?? [])].length,
        headers: message.headers,
      });
      const byKey = (key: string) => recorder.messages.find((message) => message.key === key);
      for (const message of sent) {
        const received = byKey(message.key);
        expect(received && plain(received)).toEqual(plain(message));
        expect(Buffer.compare(received?.value ?? utf8('nothing'), message.value ?? utf8('none'))).toBe(0);
      }
    });

    test('stays on its topic', async () => {
      const bus = await subject.open();
      const [one, other] = [subject.topic(), subject.topic()];
      const [heard, unheard] = [new BusRecorder(), new BusRecorder()];
      await Promise.all([
        bus.subscribe(one, 'newest', heard.handle).ready,
        bus.subscribe(other, 'newest', unheard.handle).ready,
      ]);
      await bus.publish(one, text('k', 'one'));
      await bus.publish(other, text('k', 'other'));
      await Promise.all([heard.until(1), unheard.until(1)]);
      expect([heard.of('k'), unheard.of('k')]).toEqual([['one'], ['other']]);
    });

    test.each([
      ['bus.too_large', { key: 'k', value: new Uint8Array(1 << 20) }],
      ['bus.bad_message', { key: '', value: utf8('x') }],
      ['bus.bad_message', { key: 'k', value: undefined }],
    ])('that no topic can take is refused with %s, and those beside it are not sent', async (code, bad) => {
      const bus = await subject.open();
      const topic = subject.topic();
      const recorder = new BusRecorder();
      await bus.subscribe(topic, 'newest', recorder.handle).ready;
      await expect(bus.publish(topic, text('k', 'beside'), bad)).rejects.toMatchObject({ code });
      await bus.publish(topic, text('k', 'good'));
      await recorder.until(1);
      expect(recorder.of('k')).toEqual(['good']);
    });
  });

  describe('a handler', () => {
    test('gets one message at a time', async () => {
      const bus = await subject.open();
      const topic = subject.topic();
      const recorder = new BusRecorder();
      let running = 0;
      await bus.subscribe(topic, 'newest', async (message) => {
        expect(++running).toBe(1);
        await new Promise(setImmediate);
        running -= 1;
        recorder.handle(message);
      }).ready;
      await bus.publish(topic, ...numbers(0, 20).map((value) => text('k', value)));
      await recorder.until(20);
      expect(recorder.of('k')).toEqual(numbers(0, 20));
      expect(subject.problems).toEqual([]);
    });

    test.each([
      ['throws', () => void JSON.parse('{')],
      ['rejects', () => Promise.reject(new Error('broken'))],
    ])('that %s is reported, and gets the next message', async (_, fail) => {
      const bus = await subject.open();
      const topic = subject.topic();
      const recorder = new BusRecorder();
      await bus.subscribe(topic, 'newest', (message) => {
        recorder.handle(message);
        return recorder.messages.length === 1 ? fail() : undefined;
      }).ready;
      await bus.publish(topic, text('k', 'one'), text('k', 'two'));
      await recorder.until(2);
      expect(recorder.of('k')).toEqual(['one', 'two']);
      expect(subject.problems).toMatchObject([{ code: 'bus.handler_failed', where: `${topic.name}, key k` }]);
    });

    test('may publish on its own topic, and wait for that', async () => {
      const bus = await subject.open();
      const topic = subject.topic();
      const recorder = new BusRecorder();
      await bus.subscribe(topic, 'newest', async (message) => {
        recorder.handle(message);
        const next = recorder.messages.length;
        if (next < 4) await bus.publish(topic, text('k', String(next)));
      }).ready;
      await bus.publish(topic, text('k', '0'));
      await recorder.until(4);
      expect(recorder.of('k')).toEqual(['0', '1', '2', '3']);
    });

    test('that was closed gets nothing any more, others do', async () => {
      const bus = await subject.open();
      const topic = subject.topic();
      const [closed, open] = [new BusRecorder(), new BusRecorder()];
      const subscription = bus.subscribe(topic, 'newest', closed.handle);
      await Promise.all([subscription.ready, bus.subscribe(topic, 'newest', open.handle).ready]);
      await bus.publish(topic, text('k', 'one'));
      await Promise.all([closed.until(1), open.until(1)]);
      await subscription.close();
      await bus.publish(topic, text('k', 'two'));
      await open.until(2);
      expect(closed.of('k')).toEqual(['one']);
    });
  });
}
