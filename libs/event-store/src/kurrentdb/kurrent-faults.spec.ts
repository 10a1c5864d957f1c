import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { EMPTY_HEAD, type StoredEvent } from '../event.js';
import type { EventStore } from '../event-store.js';
import { seal } from '../seal.js';
import { collect, RECORDED_AT, sealedEvent, testAppends, testDraft, testEvents } from '../testing/fixtures.js';
import { KurrentServer } from '../testing/kurrent-server/kurrent-server.js';
import { Recorder } from '../testing/recorder.js';
import { openKurrentEventStore } from './open-kurrent-event-store.js';

// What becomes of a store when its server fails, stalls, is cut off and comes back.

const STREAM = 'tailnet-a';
let server: KurrentServer;
let store: EventStore;

beforeEach(async () => {
  server = await KurrentServer.start();
  store = await openKurrentEventStore(server.url);
});
afterEach(async () => {
  await store.close();
  await server.stop();
});

/** Another store that waits for answers only so long, in milliseconds; closed by the test. */
const hasty = (deadline: number) => openKurrentEventStore(`${server.url}&defaultDeadline=${deadline}`);

const appends = testAppends(STREAM, 20, 2);
const [first = [], second = [], third = []] = appends;
const append = (events: typeof first) => store.append(STREAM, (events[0]?.revision ?? 0) - 1, events);
const stored = async () => (await collect(store.read(STREAM))).map(sealedEvent);

/** Resolves when the condition holds; asked again whenever the process has nothing else to do. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 1));
}

describe('an append', () => {
  test.each([
    'cut amid',
    'cut before',
    'cut after',
    'stall before',
    'stall after',
    'not leader',
    'wrong revision',
  ] as const)('that ends in "%s" is stored exactly once, and the stream goes on', async (fault) => {
    await append(first);
    const writer = fault.startsWith('stall') ? await hasty(1000) : store;
    server.faults.appends = [fault];
    const appended = await writer.append(STREAM, 1, second);
    if (writer !== store) await writer.close();
    expect(appended.revision).toBe(3);
    await append(third);
    const events = await collect(store.read(STREAM));
    expect(events.map(sealedEvent)).toEqual([...first, ...second, ...third]);
    expect(events[3]?.position).toBe(appended.position);
  });

  test('whose place somebody else took meanwhile is refused, whatever the server answered', async () => {
    await append(first);
    const rival = testEvents(STREAM, 1, { revision: 1, hash: first[1]?.hash ?? '' }, 'rival');
    const writer = await hasty(1000);
    server.faults.appends = ['stall before'];
    const late = writer.append(STREAM, 1, second).catch((error: unknown) => error);
    await until(() => server.faults.appends.length === 0);
    await store.append(STREAM, 1, rival);
    expect(await late).toMatchObject({ code: 'store.wrong_expected_revision', expected: 1, actual: 2 });
    expect(await stored()).toEqual([...first, ...rival]);
    await writer.close();
  });

  test('that nobody can tell about says so, and may be repeated', async () => {
    await append(first);
    const writer = await hasty(500);
    server.faults.appends = ['cut after'];
    const lost = writer.append(STREAM, 1, second).catch((error: unknown) => error);
    await until(() => server.log.stream('netfold.tailnet-a').length === 4);
    await server.down();
    expect(await lost).toMatchObject({ code: 'store.outcome_unknown', message: expect.stringContaining(STREAM) });
    await writer.close();
    await server.up();
    expect(await append(second)).toMatchObject({ revision: 3 });
    expect(await stored()).toEqual([...first, ...second]);
  });

  test('to a full disk says so, and comes in when there is space', async () => {
    server.faults.appends = ['disk full'];
    await expect(append(first)).rejects.toMatchObject({ code: 'store.disk_full' });
    await append(first);
    expect(await stored()).toEqual(first);
  });

  test('that is larger than the server takes is refused whole', async () => {
    const data = { text: 'x'.repeat(100_000) };
    const large = seal(
      EMPTY_HEAD,
      Array.from({ length: 11 }, () => testDraft({ stream: STREAM, data })),
      RECORDED_AT,
    );
    await expect(append(large)).rejects.toMatchObject({ code: 'store.append_too_large' });
    expect(await store.head(STREAM)).toEqual(EMPTY_HEAD);
    expect(await append(large.slice(0, 10))).toMatchObject({ revision: 9 });
  });

  test('waits for a server that restarts', async () => {
    await append(first);
    await server.down();
    const late = append(second);
    await server.up();
    expect(await late).toMatchObject({ revision: 3 });
  });
});

describe('a subscription', () => {
  const follow = (stream?: string) => {
    const recorder = new Recorder();
    const start = { after: undefined, ...(stream !== undefined && { stream }) };
    return { recorder, subscription: store.subscribe(start, recorder.handle) };
  };
  const all = async (): Promise<StoredEvent[]> => collect(store.readAll());

  test.each([undefined, STREAM])('of %p goes on behind what was handled when it is dropped', async (stream) => {
    const { recorder, subscription } = follow(stream);
    await subscription.caughtUp;
    for (const [i, events] of appends.entries()) {
      if (i % 5 === 4) server.cut();
      await append(events);
    }
    await recorder.until(40);
    expect(recorder.events).toEqual(await all());
    expect(server.subscriptions).toBeGreaterThan(1);
  });

  test.each([undefined, STREAM])('of %p hands on once what is delivered twice', async (stream) => {
    await append(first);
    const [, begin] = await all();
    server.faults.stutters = true;
    const { recorder, subscription } = follow(stream);
    const late = new Recorder();
    store.subscribe({ after: begin?.position, ...(stream !== undefined && { stream }) }, late.handle);
    await subscription.caughtUp;
    for (const events of appends.slice(1)) await append(events);
    await Promise.all([recorder.until(40), late.until(38)]);
    expect(recorder.events).toEqual(await all());
    expect(late.events).toEqual((await all()).slice(2));
  });

  test('survives a restart of the server', async () => {
    await append(first);
    const { recorder, subscription } = follow();
    await subscription.caughtUp;
    await server.down();
    await server.up();
    await append(second);
    await recorder.until(4);
    expect(recorder.events).toEqual(await all());
  });

  test('with a slow reader gets everything, and holds up nobody', async () => {
    const gate = Promise.withResolvers<void>();
    const recorder = new Recorder();
    store.subscribe({ after: undefined }, async (event) => {
      recorder.handle(event);
      await gate.promise;
    });
    for (const events of appends.slice(0, 10)) await append(events);
    await recorder.until(1);
    server.cut();
    for (const events of appends.slice(10)) await append(events);
    gate.resolve();
    await recorder.until(40);
    expect(recorder.events).toEqual(await all());
  });

  // A member that was cut off from its leader goes on to serve its connections, with nothing.
  test.each([undefined, STREAM])('of %p that stands still while there is more is opened again', async (stream) => {
    const reader = await hasty(500);
    const recorder = new Recorder();
    const start = { after: undefined, ...(stream !== undefined && { stream }) };
    await reader.subscribe(start, recorder.handle).caughtUp;
    server.faults.feeds = new Promise(() => {});
    await append(first);
    await recorder.until(2);
    expect(recorder.events).toEqual(await all());
    await reader.close();
  });

  test('whose user is locked out goes on when it is let in again, and never begins before', async () => {
    const told: string[] = [];
    const reader = await openKurrentEventStore(server.url, { report: ({ code }) => void told.push(code) });
    const recorder = new Recorder();
    await reader.subscribe({ after: undefined }, recorder.handle).caughtUp;
    server.faults.locked = true;
    server.cut();
    await until(() => told.includes('store.access_denied'));
    const late = reader.subscribe({ after: undefined }, () => {});
    expect(await late.closed).toMatchObject({ code: 'store.access_denied' });
    server.faults.locked = false;
    await append(first);
    await recorder.until(2);
    await reader.close();
  });

  test('that begins while the server is away begins when it is there', async () => {
    await append(first);
    await server.down();
    const { recorder, subscription } = follow();
    await server.up();
    await subscription.caughtUp;
    expect(recorder.events).toHaveLength(2);
  });

  test.each([undefined, STREAM])('of %p that is closed when it has caught up leaves nothing open', async (stream) => {
    await append(first);
    for (let i = 0; i < 10; i++) {
      const after = (await all()).at(-1)?.position;
      const looking = store.subscribe({ after, ...(stream && { stream }) }, () => {});
      await looking.caughtUp;
      await looking.close();
    }
    await until(() => server.following === 0);
    expect(await append(second)).toMatchObject({ revision: 3 });
  });

  test('ends when the store is closed, also while the server is away', async () => {
    const { subscription } = follow();
    await subscription.caughtUp;
    await server.down();
    const early = follow();
    await store.close();
    expect(await subscription.closed).toBeUndefined();
    expect(await early.subscription.closed).toBeUndefined();
    await expect(early.subscription.caughtUp).rejects.toMatchObject({ code: 'store.subscription_closed' });
  });
});

test('a server that is not the leader leads to it', async () => {
  const leader = await KurrentServer.start({}, server.log);
  await append(first);
  server.faults.leader = leader.port;
  expect(await append(second)).toMatchObject({ revision: 3 });
  expect(await stored()).toEqual([...first, ...second]);
  await server.down();
  await append(third);
  expect(await store.head(STREAM)).toMatchObject({ revision: 5 });
  await store.close();
  await leader.stop();
});

test('in a cluster, whoever leads is used, and who leads next', async () => {
  const other = await KurrentServer.start({}, server.log);
  const both = [server, other];
  const elect = (leader: KurrentServer) => {
    for (const one of both) {
      one.faults.members = both.map(({ port }) => ({ port, leads: port === leader.port }));
      one.faults.leader = one === leader ? undefined : leader.port;
    }
  };
  elect(other);
  const cluster = await openKurrentEventStore(`kurrentdb://127.0.0.1:${server.port},127.0.0.1:${other.port}?tls=false`);
  const recorder = new Recorder();
  const subscription = cluster.subscribe({ after: undefined }, recorder.handle);
  await subscription.caughtUp;
  await cluster.append(STREAM, -1, first);
  expect(other.subscriptions).toBe(1);
  elect(server);
  await cluster.append(STREAM, 1, second);
  await other.down();
  await cluster.append(STREAM, 3, third);
  await recorder.until(6);
  expect(recorder.events.map(sealedEvent)).toEqual([...first, ...second, ...third]);
  expect(server.subscriptions).toBe(1);
  await cluster.close();
  await other.stop();
});

test('a server that does not answer is given up after the deadline', async () => {
  const writer = await hasty(500);
  server.faults.silent = true;
  await expect(writer.head(STREAM)).rejects.toMatchObject({ code: 'store.stalled' });
  await expect(hasty(500)).rejects.toMatchObject({ code: 'store.stalled' });
  server.faults.silent = false;
  expect(await store.head(STREAM)).toEqual(EMPTY_HEAD);
  await writer.close();
});

test('a cluster that does not say who leads it is given up after the deadline, too', async () => {
  const other = await KurrentServer.start({}, server.log);
  for (const one of [server, other]) {
    one.faults.members = [server, other].map(({ port }) => ({ port, leads: port === server.port }));
  }
  const hosts = `127.0.0.1:${server.port},127.0.0.1:${other.port}`;
  const cluster = await openKurrentEventStore(`kurrentdb://${hosts}?tls=false&defaultDeadline=500`);
  await cluster.append(STREAM, -1, first);
  for (const one of [server, other]) one.faults.silent = true;
  await server.down(); // the client loses its leader, and looks for one
  await expect(cluster.append(STREAM, 1, second)).rejects.toMatchObject({ code: 'store.outcome_unknown' });
  await cluster.close();
  await other.stop();
});

test('a trouble that goes on is told in the same words, so that it can be told once', async () => {
  const told: string[] = [];
  await server.down();
  const waiting = new AbortController();
  const report = ({ message }: { message: string }) => void told.push(message);
  const opening = openKurrentEventStore(server.url, { wait: waiting.signal, report });
  await until(() => told.length >= 6);
  waiting.abort();
  await expect(opening).rejects.toMatchObject({ code: 'store.closed' });
  expect(told.join('\n')).not.toMatch(/\d{4}-\d\d-\d\dT/);
});
