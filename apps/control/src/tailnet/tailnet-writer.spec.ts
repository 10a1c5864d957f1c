import { describe, expect, test } from '@jest/globals';
import { seededRandom } from '#crypto/testing';
import { type Appended, type EventStore, type LedgerEvent, memoryEventStore } from '#event-store';
import { NetfoldError } from '#kernel';
import { memoryPersonKeys } from '#personal-data/testing';
import { EventCodec, type TailnetCommand } from '#tailnet';
import { readableStore } from '../personal-data/readable-store.js';
import type { WriteOutcome } from './decide-batch.js';
import { TailnetFold } from './tailnet-fold.js';
import { TailnetWriter } from './tailnet-writer.js';

const STREAM = 'tailnet-t1';
const PEOPLE = memoryPersonKeys(seededRandom(1));
const SYSTEM = { kind: 'system', id: 'test' } as const;

const create: TailnetCommand = {
  type: 'CreateTailnet',
  data: { tailnetId: 't1', name: 'home', dnsSuffix: 'home.netfold.internal', ulaBytes: 'AQIDBAU=' },
};
const addUser = (name: string): TailnetCommand => ({
  type: 'AddUser',
  data: { userId: `user_${name}`, login: `${name}@example.com`, displayName: '', role: 'owner' },
});

/** One replica: a writer and its own fold on a store that may be shared. */
function replica(store: EventStore, clock = { now: () => 1_000 }, patienceMs?: number) {
  const fold = new TailnetFold();
  readableStore(store, PEOPLE).subscribe({ after: undefined }, (event) => fold.apply(event));
  const writer = new TailnetWriter(STREAM, store, fold, PEOPLE, clock, new EventCodec(), undefined, patienceMs);
  const run = (id: string, command: TailnetCommand, expectedRevision?: number): Promise<WriteOutcome> =>
    writer.execute({ id, actor: SYSTEM, command, ...(expectedRevision !== undefined && { expectedRevision }) });
  return { fold, run };
}

/** Passes everything on to a store, but appends as the test says. */
function appending(
  store: EventStore,
  append: (stream: string, expected: number, events: readonly LedgerEvent[]) => Promise<Appended>,
): EventStore {
  return Object.assign(Object.create(store) as EventStore, {
    append,
    head: (stream: string) => store.head(stream),
    subscribe: store.subscribe.bind(store),
  });
}

const types = ({ events }: WriteOutcome): string[] => events.map(({ type }) => type);
const code = (error: unknown) => (error instanceof NetfoldError ? error.code : error);

describe('TailnetWriter', () => {
  test('answers with the revision and the events that a command caused', async () => {
    const { run, fold } = replica(memoryEventStore());
    const created = await run('c1', create);
    expect(created.revision).toBe(0);
    expect(types(created)).toEqual(['TailnetCreated']);
    expect((await fold.reached(0)).tailnet?.name).toBe('home');
  });

  test('commands that are too much for one append of the store are stored in several', async () => {
    const store = memoryEventStore();
    const sizes: number[] = [];
    const small = appending(store, async (stream, expected, events) => {
      sizes.push(events.length);
      if (events.length > 2) throw new NetfoldError({ code: 'store.append_too_large', message: 'too large' });
      return store.append(stream, expected, events);
    });
    const { run } = replica(small);
    await run('c0', create);
    const names = ['a', 'b', 'c', 'd', 'e'];
    const outcomes = await Promise.all(names.map((name) => run(name, addUser(name))));
    expect(outcomes.map(({ revision }) => revision)).toEqual([1, 2, 3, 4, 5]);
    expect(sizes).toEqual([1, 5, 2, 3, 1, 2]);
  });

  test('commands that wait together are stored in one append, each decided on what the ones before it produced', async () => {
    const store = memoryEventStore();
    const appended: number[] = [];
    const counting = appending(store, (stream, expected, events) => {
      appended.push(events.length);
      return store.append(stream, expected, events);
    });
    const { run } = replica(counting);
    await run('c1', create);
    const results = await Promise.allSettled([
      run('c2', addUser('alice')),
      run('c3', addUser('alice')),
      run('c4', addUser('bob')),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled']);
    expect(appended).toEqual([1, 2]);
  });

  test('the same command id yields the first outcome, in one batch and later', async () => {
    const { run } = replica(memoryEventStore());
    await run('c1', create);
    const [first, second] = await Promise.all([run('c2', addUser('alice')), run('c2', addUser('bob'))]);
    expect(types(first)).toEqual(['UserJoined']);
    expect(second).toEqual({ revision: first.revision, events: [] });
    await run('c3', addUser('carol'));
    expect(await run('c2', addUser('dave'))).toEqual({ revision: first.revision, events: [] });
  });

  test('two writers on one store: both get through, and nothing is decided on an old state', async () => {
    const store = memoryEventStore();
    const [a, b] = [replica(store), replica(store)];
    await a.run('c1', create);
    const names = Array.from({ length: 20 }, (_, i) => `u${i}`);
    await Promise.all(names.map((name, i) => (i % 2 ? a : b).run(`add-${name}`, addUser(name))));
    // The same user at both: one of the two finds it there.
    const both = await Promise.all([a.run('x', addUser('eve')), b.run('y', addUser('eve'))]);
    expect(both.flatMap(types)).toEqual(['UserJoined']);
    const state = await a.fold.reached((await store.head(STREAM)).revision);
    expect(state.users.size).toBe(21);
    expect((await b.fold.reached(state.revision)).users.size).toBe(21);
  });

  test('what another writer has done is known to an answer that stores nothing', async () => {
    const store = memoryEventStore();
    const [a, b] = [replica(store), replica(store)];
    await a.run('c1', create);
    await b.run('c2', addUser('bob'));
    await a.run('c3', addUser('alice'));
    const role = (user: string, to: 'admin' | 'member'): TailnetCommand => ({
      type: 'ChangeUserRole',
      data: { userId: `user_${user}`, role: to },
    });
    expect(types(await b.run('c4', role('alice', 'admin')))).toEqual(['UserRoleChanged']);
    expect(types(await a.run('c5', role('alice', 'member')))).toEqual(['UserRoleChanged']);
    // It was so when b looked last.
    expect(types(await b.run('c6', role('alice', 'admin')))).toEqual(['UserRoleChanged']);
    const { revision } = await a.run('c7', addUser('carol'));
    await expect(b.run('c8', addUser('dora'), revision)).resolves.toMatchObject({ revision: revision + 1 });
    await expect(a.run('c9', addUser('ed'), revision)).rejects.toMatchObject({ code: 'tailnet.stale_revision' });
  });

  test('a writer that is always too late gives up with a code', async () => {
    const store = memoryEventStore();
    const rival = replica(store);
    await rival.run('c0', create);
    let n = 0;
    const late = replica(
      appending(store, async (stream, expected, events) => {
        await rival.run(`rival-${n}`, addUser(`rival${n++}`));
        return store.append(stream, expected, events);
      }),
      undefined,
      50,
    );
    await expect(late.run('c1', addUser('alice'))).rejects.toMatchObject({ code: 'conflict.contention' });
  });

  test('a writer that does not see what is stored says so, and goes on once it does', async () => {
    const store = memoryEventStore();
    const gate = Promise.withResolvers<void>();
    const subscribe: EventStore['subscribe'] = (start, handler) =>
      store.subscribe(start, async (event) => {
        await gate.promise;
        await handler(event);
      });
    const late = replica(Object.assign(appending(store, store.append.bind(store)), { subscribe }), undefined, 50);
    await replica(store).run('c0', create);
    await expect(late.run('c1', addUser('alice'))).rejects.toMatchObject({ code: 'control.behind' });
    gate.resolve();
    await late.fold.reached(0);
    expect(types(await late.run('c1', addUser('alice')))).toEqual(['UserJoined']);
  });

  test('an append that fails acknowledges nothing, and the writer goes on from what is stored', async () => {
    const store = memoryEventStore();
    let full = false;
    const { run, fold } = replica(
      appending(store, (stream, expected, events) =>
        full
          ? Promise.reject(new NetfoldError({ code: 'store.disk_full', message: 'the disk is full' }))
          : store.append(stream, expected, events),
      ),
    );
    await run('c1', create);
    full = true;
    const results = await Promise.allSettled([
      run('c1', create), // was carried out before: true whatever happens to the rest
      run('c2', addUser('alice')),
      run('c3', addUser('alice')), // "it is so already" would be a lie
    ]);
    expect(results.map((result) => (result.status === 'fulfilled' ? 'ok' : code(result.reason)))).toEqual([
      'ok',
      'store.disk_full',
      'store.disk_full',
    ]);
    full = false;
    expect(fold.state.users.size).toBe(0);
    expect(types(await run('c2', addUser('alice')))).toEqual(['UserJoined']);
  });

  test('an append that was stored though its answer was lost is not repeated', async () => {
    const store = memoryEventStore();
    let lose = false;
    const { run } = replica(
      appending(store, async (stream, expected, events) => {
        const appended = await store.append(stream, expected, events);
        if (lose) throw new NetfoldError({ code: 'store.unreachable', message: 'no answer' });
        return appended;
      }),
    );
    await run('c1', create);
    lose = true;
    await expect(run('c2', addUser('alice'))).rejects.toMatchObject({ code: 'store.unreachable' });
    lose = false;
    expect(await run('c2', addUser('alice'))).toEqual({ revision: 1, events: [] });
  });

  test('a change on condition of an old revision is refused', async () => {
    const { run } = replica(memoryEventStore());
    await run('c1', create);
    await run('c2', addUser('alice'), 0);
    await expect(run('c3', addUser('bob'), 0)).rejects.toMatchObject({ code: 'tailnet.stale_revision' });
  });

  test('time does not run backwards in a stream, whatever the clock does', async () => {
    const store = memoryEventStore();
    let now = 5_000;
    const { run } = replica(store, { now: () => now });
    await run('c1', create);
    for (const [name, time] of Object.entries({ alice: 3_000, bob: 7_000, carol: 100 })) {
      now = time;
      await run(name, addUser(name));
    }
    const times = [];
    for await (const { recordedAt } of store.read(STREAM)) times.push(recordedAt);
    expect(times).toEqual([5_000, 5_000, 7_000, 7_000]);
  });

  test('the events form a chain that the store and any reader can check', async () => {
    const store = memoryEventStore();
    const { run } = replica(store);
    await run('c1', create);
    await Promise.all(['alice', 'bob', 'carol'].map((name) => run(name, addUser(name))));
    const revisions = [];
    for await (const { revision } of store.read(STREAM)) revisions.push(revision);
    expect(revisions).toEqual([0, 1, 2, 3]);
  });
});
