import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { fromUtf8, type Problem, problemOf, utf8 } from '#kernel';
import type { Bus } from '../bus.js';
import { BusRecorder } from '../testing/bus-recorder.js';
import { CuttingProxy } from '../testing/cutting-proxy.js';
import { KafkaLocal } from '../testing/kafka-local.js';
import type { Topic } from '../topic.js';
import { KafkaBus } from './kafka-bus.js';

let proxy: CuttingProxy;
let broker: KafkaLocal;
let topics = 0;
let buses: Bus[] = [];
const problems: Problem[] = [];

beforeAll(async () => {
  proxy = await CuttingProxy.listen();
  broker = await KafkaLocal.start({ NETFOLD_KAFKA_ADVERTISED_PORT: proxy.address.split(':')[1] ?? '' });
  proxy.forwardTo(broker.address);
});
afterEach(async () => {
  for (const bus of buses) await bus.close();
  buses = [];
  problems.length = 0;
});
afterAll(async () => {
  await proxy?.close();
  await broker?.dispose();
});

function open(settings: { replicationFactor?: number } = {}): Bus {
  const bus = new KafkaBus({ brokers: [proxy.address], partitions: 3, ...settings }, (problem) =>
    problems.push(problem),
  );
  buses.push(bus);
  return bus;
}

const topic = (keeps: Topic['keeps'] = { forMs: 3_600_000 }): Topic => ({ name: `netfold.fault.${topics++}`, keeps });

/** Publishes 0, 1, 2… under two keys, each until it is acknowledged, as whoever has a ledger does. */
function counting(bus: Bus, to: Topic) {
  let [sent, refused, ended] = [0, 0, false];
  const done = (async () => {
    while (!ended) {
      const value = utf8(String(sent));
      try {
        await bus.publish(to, { key: 'a', value }, { key: 'b', value });
        sent += 1;
      } catch (error) {
        refused += 1;
        expect(problemOf(error).code).toBe('bus.unavailable');
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
  })();
  return {
    get sent() {
      return sent;
    },
    get refused() {
      return refused;
    },
    async until(count: number) {
      while (sent < count) await new Promise((resolve) => setTimeout(resolve, 5));
    },
    async stop() {
      ended = true;
      await done;
      return sent;
    },
  };
}

const upTo = (count: number) => Array.from({ length: count }, (_, i) => String(i));

async function expectAll(recorder: BusRecorder, count: number): Promise<void> {
  const firsts = (key: string) => [...new Set(recorder.of(key))];
  await recorder.until(() => firsts('a').length >= count && firsts('b').length >= count);
  for (const key of ['a', 'b']) expect(firsts(key)).toEqual(upTo(count));
}

describe('a broker', () => {
  test('that gets a batch whose answer is lost has it once', async () => {
    const bus = open();
    const to = topic();
    const recorder = new BusRecorder();
    await open().subscribe(to, 'newest', recorder.handle).ready;
    await bus.publish(to, { key: 'a', value: utf8('0') });
    proxy.cutAnswers(1);
    await bus.publish(to, { key: 'a', value: utf8('1') });
    expect(proxy.cut).toBe(1);
    await bus.publish(to, { key: 'a', value: utf8('2') });
    await recorder.until(() => recorder.of('a').at(-1) === '2');
    expect(recorder.of('a')).toEqual(upTo(3));
  });

  test('whose answers are lost for long has what is published after that, too: nothing is taken for a repetition', async () => {
    const bus = open();
    const to = topic();
    const recorder = new BusRecorder();
    await open().subscribe(to, 'newest', recorder.handle).ready;
    await bus.publish(to, { key: 'a', value: utf8('before') });
    proxy.cutAnswers(20);
    await expect(bus.publish(to, { key: 'a', value: utf8('unknown') })).rejects.toMatchObject({
      code: 'bus.unavailable',
    });
    proxy.cutAnswers(0);
    for (let sent = false; !sent; ) {
      sent = await bus.publish(to, { key: 'a', value: utf8('after') }).then(
        () => true,
        () => false,
      );
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await recorder.until(() => recorder.of('a').at(-1) === 'after');
    expect(recorder.of('a')[0]).toBe('before');
  });

  test('that stops and comes back has everything that was acknowledged, in order; what is newest was kept for it', async () => {
    const [bus, other] = [open(), open()];
    const [to, kept] = [topic(), topic('newest-per-key')];
    const [recorder, newest] = [new BusRecorder(), new BusRecorder()];
    await Promise.all([
      other.subscribe(to, 'newest', recorder.handle).ready,
      other.subscribe(kept, 'all-kept', newest.handle).ready,
    ]);
    const counter = counting(bus, to);
    await counter.until(20);
    await broker.stop();
    while (counter.refused === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    // Refused at once, and the newest of each key is taken in.
    for (let round = 0; round < 100; round++) {
      await bus.publish(kept, { key: 'x', value: utf8(String(round)) }, { key: 'y', value: utf8(String(-round)) });
    }
    expect(bus.health()).toMatchObject({ connected: false, problem: { code: 'bus.unavailable' } });
    expect(bus.health().waiting).toBeLessThanOrEqual(6);
    await broker.start();
    const back = counter.sent;
    await counter.until(back + 20);
    await expectAll(recorder, await counter.stop());
    await newest.until(() => newest.kept().length === 2);
    expect(newest.kept()).toEqual([
      ['x', '99'],
      ['y', '-99'],
    ]);
    while (bus.health().waiting > 0) await new Promise((resolve) => setTimeout(resolve, 10)); // for the acknowledgement
    expect(bus.health()).toMatchObject({ connected: true });
  });

  test('that hangs keeps nobody waiting for long, and is used again when it goes on', async () => {
    const bus = open();
    const to = topic();
    const recorder = new BusRecorder();
    await bus.subscribe(to, 'newest', recorder.handle).ready;
    await bus.publish(to, { key: 'a', value: utf8('0') }, { key: 'b', value: utf8('0') });
    await broker.signal('SIGSTOP');
    try {
      await expect(bus.publish(to, { key: 'a', value: utf8('lost?') })).rejects.toMatchObject({
        code: 'bus.unavailable',
      });
    } finally {
      await broker.signal('SIGCONT');
    }
    const counter = counting(bus, to);
    await counter.until(5);
    const sent = await counter.stop();
    await recorder.until(() => recorder.of('b').at(-1) === String(sent - 1));
    expect([...new Set(recorder.of('b'))]).toEqual(upTo(sent));
  });

  test('that is not there yet is waited for', async () => {
    await broker.stop();
    const bus = open();
    const to = topic();
    const recorder = new BusRecorder();
    const subscription = bus.subscribe(to, 'newest', recorder.handle);
    await expect(bus.publish(to, { key: 'a', value: utf8('0') })).rejects.toMatchObject({ code: 'bus.unavailable' });
    await broker.start();
    await subscription.ready;
    const counter = counting(bus, to);
    await counter.until(3);
    await expectAll(recorder, await counter.stop());
  });
});

describe('a topic', () => {
  test('that does not exist and cannot be made is named, with what makes it; it is used once it is there', async () => {
    const refused = open({ replicationFactor: 3 });
    const to = topic();
    const failure = await refused.publish(to, { key: 'a', value: utf8('0') }).catch(problemOf);
    expect(failure).toMatchObject({ code: 'bus.topic_missing', where: to.name });
    expect(failure?.hint).toContain(`--create --topic ${to.name} --partitions 3 --config cleanup.policy=delete`);
    const recorder = new BusRecorder();
    const subscription = refused.subscribe(to, 'all-kept', recorder.handle);
    const other = open();
    await other.publish(to, { key: 'a', value: utf8('1') });
    await subscription.ready;
    await refused.publish(to, { key: 'a', value: utf8('2') });
    await recorder.until(2);
    expect(recorder.of('a')).toEqual(['1', '2']);
    expect(problems.map(({ code }) => code)).not.toContain('internal');
  });

  test('of any age tells a late subscriber all that it keeps', async () => {
    const [bus, other] = [open(), open()];
    const kept = topic('newest-per-key');
    const messages = Array.from({ length: 5000 }, (_, i) => ({ key: `k${i % 3000}`, value: utf8(String(i)) }));
    await bus.publish(kept, ...messages);
    while (bus.health().waiting > 0) await new Promise((resolve) => setTimeout(resolve, 10));
    const recorder = new BusRecorder();
    await other.subscribe(kept, 'all-kept', recorder.handle).ready;
    expect(recorder.kept()).toHaveLength(3000);
    expect(recorder.of('k0').at(-1)).toBe('3000');
    expect(fromUtf8(recorder.messages[0]?.value ?? utf8('?'))).toMatch(/^\d+$/);
  });
});
