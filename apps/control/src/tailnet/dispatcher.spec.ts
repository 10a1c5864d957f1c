import { expect, test } from '@jest/globals';
import { seededRandom } from '#crypto/testing';
import { memoryEventStore } from '#event-store';
import { testSnapshotPorts } from '#history/testing';
import { memoryPersonKeys } from '#personal-data/testing';
import { noNeighbours } from '../cluster/neighbours.js';
import { Dispatcher } from './dispatcher.js';
import { Tailnets } from './tailnets.js';

const SYSTEM = { kind: 'system', id: 'test' } as const;
const create = (id: string) => ({
  id: `create-${id}`,
  actor: SYSTEM,
  command: {
    type: 'CreateTailnet',
    data: { tailnetId: id, name: `${id}-net`, dnsSuffix: `${id}.netfold.internal`, ulaBytes: 'AQIDBAU=' },
  } as const,
});

const setup = (store = memoryEventStore()) => {
  const people = memoryPersonKeys(seededRandom(1));
  const [neighbours, clock, snapshots] = [noNeighbours, { now: () => 1_000 }, testSnapshotPorts(store)];
  const fault = () => {};
  const tailnets = new Tailnets({ store, people, neighbours, clock, snapshots, fault });
  return { store, tailnets, dispatcher: new Dispatcher(store, tailnets) };
};

test('brings every tailnet up to date before it says that it has started, and then follows', async () => {
  const { store, tailnets, dispatcher } = setup();
  await dispatcher.start(() => {});
  for (const id of ['a', 'b']) await tailnets.open(id).writer.execute(create(id));
  const replica = setup(store);
  await replica.dispatcher.start(() => {});
  expect([...replica.tailnets.all()].map(({ id }) => id).sort()).toEqual(['a', 'b']);
  await tailnets.open('c').writer.execute(create('c'));
  await replica.tailnets.open('c').fold.reached(0);
  expect(replica.tailnets.get('c-net').netmaps.latest.revision).toBe(0);
  for (const one of [dispatcher, replica.dispatcher]) await one.stop();
});

test('when it breaks, whoever waits is told, and nothing waits for ever', async () => {
  const store = memoryEventStore();
  const subscribe = store.subscribe.bind(store);
  store.subscribe = (start) =>
    subscribe(start, () => {
      throw new Error('a fault of the subscription');
    });
  const { tailnets, dispatcher } = setup(store);
  const { promise: broken, resolve } = Promise.withResolvers<void>();
  await dispatcher.start((problem) => {
    tailnets.fail(problem);
    resolve();
  });
  const tailnet = tailnets.open('a');
  const waiting = tailnet.fold.reached(0);
  await tailnet.writer.execute(create('a'));
  await broken;
  await expect(waiting).rejects.toMatchObject({ code: 'control.broken' });
  await expect(tailnet.fold.reached(0)).rejects.toMatchObject({ code: 'control.broken' });
  expect(dispatcher.problem?.code).toBe('store.handler_failed');
});
