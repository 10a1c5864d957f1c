import { expect, test } from '@jest/globals';
import { seededRandom } from '#crypto/testing';
import { checkedStore, EMPTY_HEAD, type EventDraft, type EventStore, memoryEventStore, seal } from '#event-store';
import { testSnapshotPorts } from '#history/testing';
import type { Problem } from '#kernel';
import { memoryPersonKeys } from '#personal-data/testing';
import { EVENT_VERSIONS, EventCodec } from '#tailnet';
import { noNeighbours } from '../cluster/neighbours.js';
import { learningStore } from '../personal-data/learning-store.js';
import { readableStore } from '../personal-data/readable-store.js';
import { Dispatcher } from './dispatcher.js';
import type { Tailnet } from './tailnet.js';
import { Tailnets } from './tailnets.js';

const SYSTEM = { kind: 'system', id: 'test' } as const;

/** A process on a store. */
async function start(sealed: EventStore, versions = EVENT_VERSIONS) {
  const people = memoryPersonKeys(seededRandom(1));
  const codec = new EventCodec(versions);
  const store = readableStore(learningStore(checkedStore(sealed), people), people, codec);
  const faults: Problem[] = [];
  const fault = (problem: Problem) => void faults.push(problem);
  const snapshots = testSnapshotPorts(sealed);
  const clock = { now: () => 1_000 };
  const tailnets = new Tailnets({ store, people, neighbours: noNeighbours, clock, snapshots, fault, codec });
  const dispatcher = new Dispatcher(store, tailnets);
  await dispatcher.start(() => {});
  return { tailnets, faults, dispatcher, stop: () => dispatcher.stop() };
}

let commands = 0;
const run = ({ writer }: Tailnet, type: string, data: object) =>
  writer.execute({ id: `command-${++commands}`, actor: SYSTEM, command: { type, data } as never });

async function create(tailnets: Tailnets, id: string): Promise<Tailnet> {
  const tailnet = tailnets.open(id);
  const identity = { tailnetId: id, name: `${id}-net`, dnsSuffix: `${id}.netfold.internal`, ulaBytes: 'AQIDBAU=' };
  await run(tailnet, 'CreateTailnet', identity);
  await join(tailnet, 'one');
  return tailnet;
}

async function join(tailnet: Tailnet, name: string): Promise<void> {
  const { revision } = await run(tailnet, 'AddUser', {
    userId: `user_${name}`,
    login: `${name}@example.com`,
    displayName: '',
    role: 'owner',
  });
  await tailnet.fold.reached(revision);
}

/** Puts an event behind all others of a stream, as whoever wrote it thought right. */
async function append(store: EventStore, stream: string, draft: Partial<EventDraft>): Promise<void> {
  const head = await store.head(stream);
  const whole = { stream, type: 'NodePainted', version: 1, actor: SYSTEM, commandId: 'c', data: {}, ...draft };
  await store.append(stream, head.revision, seal(head, [whole], 1_000));
}

/** A store in which somebody has changed an event. */
const changed = (store: EventStore): EventStore =>
  Object.assign(Object.create(store) as EventStore, {
    append: store.append.bind(store),
    head: store.head.bind(store),
    streams: store.streams.bind(store),
    hashes: store.hashes.bind(store),
    async *read(...args: Parameters<EventStore['read']>) {
      for await (const event of store.read(...args)) yield edited(event);
    },
    subscribe: ((begin, handler) =>
      store.subscribe(begin, (event) => handler(edited(event)))) satisfies EventStore['subscribe'],
  });

function edited<E extends { stream: string; revision: number; data: object }>(event: E): E {
  return event.stream === 'tailnet-a' && event.revision === 1
    ? { ...event, data: { ...event.data, role: 'admin' } }
    : event;
}

async function expectStill(tailnet: Tailnet, code: string, revision: number): Promise<void> {
  expect(tailnet.fold.state.revision).toBe(revision);
  expect(tailnet.netmaps.latest.revision).toBe(revision);
  expect(tailnet.paused).toMatchObject({
    code: 'tailnet.paused',
    where: `${tailnet.stream}@${revision + 1}`,
    hint: expect.any(String),
    details: { revision, event: { revision: revision + 1 }, reason: { code } },
  });
  const paused = { code: 'tailnet.paused' };
  await expect(run(tailnet, 'ChangeSettings', { deviceApproval: true })).rejects.toMatchObject(paused);
  await expect(tailnet.fold.reached(revision + 1)).rejects.toMatchObject(paused);
  expect((await tailnet.fold.reached(revision)).revision).toBe(revision);
}

async function expectGoesOn(tailnet: Tailnet): Promise<void> {
  await run(tailnet, 'ChangeSettings', { deviceApproval: !tailnet.fold.state.settings.deviceApproval });
  expect(tailnet.paused).toBeUndefined();
}

test.each<[string, Partial<EventDraft>, string]>([
  ['of an unknown type', {}, 'event.unknown_type'],
  ['of a newer version', { type: 'NodeApproved', version: 2, data: { nodeId: 'n' } }, 'event.newer_version'],
  ['with data that it cannot have', { type: 'NodeApproved', data: { nodeId: 7 } }, 'event.malformed'],
  ['that is none', { type: 'NodeApproved', data: null as never }, 'event.malformed'],
  ['of nobody', { type: 'NodeApproved', data: { nodeId: 'n' }, actor: null as never }, 'event.malformed'],
  [
    'that lets newer ones follow',
    { type: 'ReleaseFloorRaised', data: { level: 99, release: '9.0.0' } },
    'event.newer_release',
  ],
])('an event %s stops its tailnet alone, live and at a start', async (_, draft, code) => {
  const store = memoryEventStore();
  const { tailnets, faults, stop } = await start(store);
  const [a, b] = [await create(tailnets, 'a'), await create(tailnets, 'b')];
  const next = a.fold.reached(2);
  await append(store, 'tailnet-a', draft);
  await expect(next).rejects.toMatchObject({ code: 'tailnet.paused' });
  await expectStill(a, code, 1);
  expect(faults).toMatchObject([{ code: 'tailnet.paused' }]);
  await expectGoesOn(b);

  const again = await start(store);
  await expectStill(again.tailnets.open('a'), code, 1);
  await expectGoesOn(again.tailnets.get('b-net'));
  expect([...again.tailnets.paused()].map(({ id }) => id)).toEqual(['a']);
  for (const one of [stop, again.stop]) await one();
});

test('one that was changed in the store likewise; the store as it was goes on by itself', async () => {
  const store = memoryEventStore();
  const { tailnets, stop } = await start(store);
  for (const id of ['a', 'b']) await create(tailnets, id);
  await stop();
  const damaged = await start(changed(store));
  await expectStill(damaged.tailnets.open('a'), 'chain.wrong_hash', 0);
  await expectGoesOn(damaged.tailnets.open('b'));
  await damaged.stop();
  const mended = await start(store);
  await expectGoesOn(mended.tailnets.open('a'));
  await mended.stop();
});

test('an event that a projection cannot take changes nothing at all', async () => {
  const store = memoryEventStore();
  const { tailnets, stop } = await start(store);
  const [a, b] = [await create(tailnets, 'a'), await create(tailnets, 'b')];
  a.netmaps.next = () => {
    throw new Error('a fault in a projection');
  };
  const { size } = a.tree;
  await run(a, 'ChangeSettings', { deviceApproval: true });
  await expect(a.fold.reached(2)).rejects.toMatchObject({ code: 'tailnet.paused', hint: /fault of netfold/ });
  await expectStill(a, 'internal', 1);
  expect([a.tree.size, a.fold.state.settings.deviceApproval]).toEqual([size, false]);
  await expectGoesOn(b);
  await stop();
  const mended = await start(store);
  expect(mended.tailnets.open('a').fold.state.settings.deviceApproval).toBe(true);
  await mended.stop();
});

test('what may be in the part that cannot be read is not said to be unknown', async () => {
  const store = memoryEventStore();
  await append(store, 'tailnet-a', {});
  const { tailnets, stop } = await start(store);
  await create(tailnets, 'b');
  const paused = expect.objectContaining({ code: 'tailnet.paused' });
  expect(() => tailnets.ofNode('node_x')).toThrow(paused);
  expect(() => tailnets.ofAuthKey('key_x')).toThrow(paused);
  expect(tailnets.open('a').fold.head).toEqual(EMPTY_HEAD);
  expect(tailnets.first().id).toBe('b');
  await stop();
});

test('netmaps are those of the last good state, however far it is from the end', async () => {
  const store = memoryEventStore();
  const { tailnets, stop } = await start(store);
  const a = await create(tailnets, 'a');
  for (let i = 0; i < 40; i++) await run(a, 'ChangeSettings', { deviceApproval: i % 2 === 0 });
  await stop();
  await append(store, 'tailnet-a', {});
  const again = await start(store);
  await expectStill(again.tailnets.open('a'), 'event.unknown_type', 41);
  expect(again.tailnets.open('a').netmaps.oldest.revision).toBeLessThanOrEqual(0);
  await again.stop();
});
