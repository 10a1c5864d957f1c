import { expect, test } from '@jest/globals';
import { seededRandom } from '#crypto/testing';
import { memoryEventStore } from '#event-store';
import { testSnapshotPorts } from '#history/testing';
import type { Problem } from '#kernel';
import { memoryPersonKeys } from '#personal-data/testing';
import type { TailnetCommand } from '#tailnet';
import { noNeighbours } from '../cluster/neighbours.js';
import { readableStore } from '../personal-data/readable-store.js';
import { Dispatcher } from './dispatcher.js';
import { type RebuildProgress, rebuildProjections } from './rebuild-projections.js';
import { Tailnets } from './tailnets.js';

const SYSTEM = { kind: 'system', id: 'test' } as const;
const CREATE: TailnetCommand = {
  type: 'CreateTailnet',
  data: { tailnetId: 'a', name: 'home', dnsSuffix: 'home.netfold.internal', ulaBytes: 'AQIDBAU=' },
};
const addUser = (name: string): TailnetCommand => ({
  type: 'AddUser',
  data: { userId: `user_${name}`, login: `${name}@example.com`, displayName: '', role: 'owner' },
});

async function setup() {
  const people = memoryPersonKeys(seededRandom(1));
  const kept = memoryEventStore();
  const store = readableStore(kept, people);
  const faults: Problem[] = [];
  const tailnets = new Tailnets({
    store,
    people,
    neighbours: noNeighbours,
    clock: { now: () => 1_000 },
    snapshots: testSnapshotPorts(kept),
    fault: (problem) => faults.push(problem),
  });
  const dispatcher = new Dispatcher(store, tailnets);
  await dispatcher.start(() => {});
  const tailnet = tailnets.open('a');
  const run = async (id: string, command: TailnetCommand) => {
    const { revision } = await tailnet.writer.execute({ id, actor: SYSTEM, command });
    return tailnet.fold.reached(revision);
  };
  await run('create', CREATE);
  for (const name of ['alice', 'bob']) await run(name, addUser(name));
  return { store, tailnet, run, faults, dispatcher };
}

async function outcomeOf(progress: AsyncIterable<RebuildProgress>, meanwhile = async () => {}) {
  let last: RebuildProgress | undefined;
  for await (const one of progress) {
    if (!last) await meanwhile();
    last = one;
  }
  return last;
}

test('what is worked out anew is what was running, and takes its place while commands go on', async () => {
  const { store, tailnet, run, faults, dispatcher } = await setup();
  const before = tailnet.fold.state;
  const progress = await outcomeOf(rebuildProjections(store, tailnet), async () => {
    await run('carol', addUser('carol'));
  });
  expect(progress).toMatchObject({ applied: 4, total: 4, done: { equal: true, differences: [] } });
  expect(tailnet.fold.state).not.toBe(before);
  await run('dave', addUser('dave'));
  expect(tailnet.fold.state.users.size).toBe(4);
  expect(tailnet.netmaps.latest.revision).toBe(4);
  expect(tailnet.names.of('user_dave')).toBe('dave@example.com');
  expect(faults).toEqual([]);
  await dispatcher.stop();
});

test('a projection that is wrong is found, told of, and replaced', async () => {
  const { store, tailnet, faults, dispatcher } = await setup();
  const { state, head } = tailnet.fold;
  tailnet.fold.adopt({ ...state, users: state.users.delete('user_bob') }, head);
  const progress = await outcomeOf(rebuildProjections(store, tailnet));
  expect(progress?.done).toMatchObject({
    equal: false,
    revision: 2,
    differences: ['state.users', 'state.userByLogin'],
  });
  expect(faults).toMatchObject([{ code: 'rebuild.differed', where: 'tailnet-a@2' }]);
  expect(tailnet.fold.state.users.size).toBe(2);
  await dispatcher.stop();
});

test('one at a time; and one that nobody listens to any more changes nothing', async () => {
  const { store, tailnet, dispatcher } = await setup();
  const { state } = tailnet.fold;
  const first = rebuildProjections(store, tailnet);
  await first.next();
  await expect(rebuildProjections(store, tailnet).next()).rejects.toMatchObject({ code: 'conflict.rebuild_running' });
  await first.return(undefined);
  expect(tailnet.fold.state).toBe(state);
  expect((await outcomeOf(rebuildProjections(store, tailnet)))?.done?.equal).toBe(true);
  await dispatcher.stop();
});
