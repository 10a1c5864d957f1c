import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import kafkajs, { type Consumer } from 'kafkajs';
import { Leases, MemoryRegisters } from '#coordination';
import { checkedStore, EMPTY_HEAD, type EventStore, type LedgerEvent, memoryEventStore } from '#event-store';
import { testAppends } from '#event-store/testing';
import { type Problem, problemOf, utf8 } from '#kernel';
import { type Bus, EVENTS, KafkaBus, PRESENCE } from '#messaging';
import { KafkaLocal } from '#messaging/testing';
import { TestControl } from '../testing/test-control.js';
import { type RunningPublisher, startPublisher } from './start-publisher.js';

const TAILNETS = ['a', 'b', 'c'];
const [APPENDS, SIZE] = [120, 5];

let listeners = 0;

/** Anybody's consumer of the topic, which knows nothing but the contract. */
class Listener {
  /** Of each tailnet, the values without repetitions. */
  readonly chains = new Map<string, { hash: string; revision: number }>();
  readonly faults: string[] = [];
  readonly values: string[] = [];
  repeated = 0;
  readonly #consumer: Consumer;
  #waiting: { readonly events: number; readonly resolve: () => void }[] = [];

  constructor(broker: string) {
    const kafka = new kafkajs.Kafka({ brokers: [broker], logLevel: kafkajs.logLevel.NOTHING, retry: { retries: 50 } });
    listeners += 1;
    const groupId = `listener-${process.pid}-${listeners}`;
    const timeouts = { sessionTimeout: 6000, rebalanceTimeout: 6000, heartbeatInterval: 1000 };
    this.#consumer = kafka.consumer({ groupId, ...timeouts, retry: { maxRetryTime: 1000 } });
  }

  async listen(): Promise<void> {
    await this.#consumer.connect();
    // The topic is there once something was published.
    for (let found = false; !found; ) {
      const subscribed = this.#consumer.subscribe({ topic: EVENTS.name, fromBeginning: true });
      found = await subscribed.then(
        () => true,
        () => false,
      );
    }
    await this.#consumer.run({
      eachMessage: async ({ message }) => {
        this.#hear(String(message.key), String(message.value), (name) => String(message.headers?.[name]));
      },
    });
  }

  get events(): number {
    return [...this.chains.values()].reduce((sum, { revision }) => sum + revision + 1, 0);
  }

  until(events: number): Promise<void> {
    if (this.events >= events) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ events, resolve }));
  }

  /** Of any tailnet that has events of a real one. */
  async untilRevision(revision: number): Promise<void> {
    const isThere = () =>
      [...this.chains].some(([name, chain]) => !TAILNETS.includes(name) && chain.revision >= revision);
    while (!isThere()) await pause(20);
  }

  async close(): Promise<void> {
    await this.#consumer.disconnect();
  }

  #hear(tailnet: string, value: string, header: (name: string) => string): void {
    const chain = this.chains.get(tailnet) ?? { hash: EMPTY_HEAD.hash, revision: -1 };
    const revision = Number(header('revision'));
    if (revision <= chain.revision) {
      this.repeated += 1;
      return;
    }
    const hash = createHash('sha256')
      .update(chain.hash + value)
      .digest('hex');
    if (revision !== chain.revision + 1) this.faults.push(`${tailnet}: ${revision} after ${chain.revision}`);
    if (hash !== header('hash')) this.faults.push(`${tailnet}@${revision}: another hash`);
    this.chains.set(tailnet, { hash, revision });
    if (!TAILNETS.includes(tailnet)) this.values.push(value);
    for (const { events, resolve } of this.#waiting) if (this.events >= events) resolve();
  }
}

/** Appends to all tailnets in turn, however long that takes. */
async function appendSlowly(store: EventStore, appends: readonly LedgerEvent[][]): Promise<void> {
  for (const events of appends) {
    const [first] = events;
    if (first) await store.append(first.stream, first.revision - 1, events);
    await pause(5);
  }
}

const interleaved = (): LedgerEvent[][] => {
  const each = TAILNETS.map((name) => testAppends(`tailnet-${name}`, APPENDS, SIZE));
  return Array.from({ length: APPENDS }, (_, i) => each.flatMap((of) => [of[i] ?? []])).flat();
};

let broker: KafkaLocal;
beforeAll(async () => {
  broker = await KafkaLocal.start();
});
afterAll(() => broker?.dispose());

test('a consumer hears every event of every tailnet in order, while the broker is stopped, killed and started and publishers leave', async () => {
  const store = memoryEventStore();
  const registers = new MemoryRegisters();
  const problems: Problem[] = [];
  const buses: Bus[] = [];
  const replica = () => {
    const bus = new KafkaBus({ brokers: [broker.address] }, (problem) => problems.push(problem));
    buses.push(bus);
    const leases = new Leases(registers, { ttl: 1000 });
    return startPublisher({ store: checkedStore(store), bus, leases, report: (problem) => problems.push(problem) });
  };
  const replicas = [replica(), replica()];
  const listener = new Listener(broker.address);
  const appends = interleaved();
  const appendQuarter = () => appendSlowly(store, appends.splice(0, (TAILNETS.length * APPENDS) / 4));
  const isWorking = ({ publisher }: RunningPublisher) => publisher.published > 0;
  const total = APPENDS * SIZE * TAILNETS.length;
  await Promise.all([appendQuarter(), listener.listen()]);
  while (!replicas.some(isWorking)) await pause(20);
  await Promise.all([appendQuarter(), broker.kill()]);
  await broker.start();
  const working = replicas.find(isWorking);
  await Promise.all([appendQuarter(), working?.close()]);
  await broker.stop();
  await appendQuarter();
  await broker.start();
  await listener.until(total);
  await Promise.all(replicas.map((one) => one.close()));
  expect(listener.faults).toEqual([]);
  expect(listener.events).toBe(total);
  expect(replicas.filter((other) => other !== working)[0]?.publisher.published).toBeGreaterThan(0);
  expect([...new Set(problems.map(({ code }) => code))]).toEqual(['bus.unavailable']);
  await Promise.all([...buses.map((bus) => bus.close()), listener.close()]);
  await store.close();
});

test('a server that knows brokers publishes its ledger, names sealed, and answers commands while they are away', async () => {
  const control = await TestControl.start({ kafka: broker.address });
  const listener = new Listener(broker.address);
  try {
    await control.authKey();
    await broker.stop();
    const made = await control.call('POST', 'auth-keys', { reusable: true, user: 'admin@netfold.internal' });
    expect(made.status).toBe(201);
    await broker.start();
    await listener.listen();
    const { body } = await control.call('GET', 'events');
    const { events } = body as { readonly events: readonly { readonly revision: number; readonly hash?: string }[] };
    const newest = Math.max(...events.map(({ revision }) => revision));
    await listener.untilRevision(newest);
    expect(listener.faults).toEqual([]);
    expect(listener.values.some((value) => value.includes('AuthKeyIssued'))).toBe(true);
    expect(listener.values.filter((value) => value.includes('admin@'))).toEqual([]);
  } finally {
    await control.stop();
    await listener.close();
  }
});

const isRoot = process.getuid?.() === 0;

(isRoot ? test : test.skip)(
  'a broker whose disk is full stops nobody, and what it did not take comes once it has room',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'netfold-kafka-disk-'));
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', folder]);
    expect(mounted.status).toBe(0);
    const small = await KafkaLocal.start({ NETFOLD_KAFKA_LOGS: join(folder, 'data') });
    const problems: Problem[] = [];
    const bus = new KafkaBus({ brokers: [small.address], partitions: 1 }, (problem) => problems.push(problem));
    const listener = new Listener(small.address);
    const store = memoryEventStore();
    const leases = new Leases(new MemoryRegisters(), { ttl: 1000 });
    const running = startPublisher({ store, bus, leases, report: (problem) => problems.push(problem) });
    try {
      const appends = testAppends('tailnet-a', 20, 2);
      await appendSlowly(store, appends.slice(0, 10));
      await listener.listen();
      await listener.until(20);
      writeFileSync(join(folder, 'ballast'), '');
      spawnSync('dd', ['if=/dev/zero', `of=${join(folder, 'ballast')}`, 'bs=1M']);
      const noise = { name: 'netfold.noise', keeps: { forMs: 3_600_000 } };
      const value = new Uint8Array(500_000);
      let refused: Problem | undefined;
      while (!refused) refused = await bus.publish(noise, { key: 'k', value }).then(() => undefined, problemOf);
      expect(refused.code).toBe('bus.unavailable');
      await appendSlowly(store, appends.slice(10));
      await bus.publish(PRESENCE, { key: 'node', value: utf8('here') });
      while (bus.health().connected) await pause(20);
      await small.kill();
      rmSync(join(folder, 'ballast'));
      await small.start();
      await listener.until(40);
      expect(listener.faults).toEqual([]);
      expect(running.publisher.published).toBeGreaterThanOrEqual(40);
    } finally {
      await running.close();
      await Promise.all([bus.close(), listener.close()]);
      await small.dispose();
      spawnSync('umount', ['--lazy', folder]);
      rmSync(folder, { recursive: true });
      await store.close();
    }
  },
);
