import { expect, test } from '@jest/globals';
import { seededRandom } from '#crypto/testing';
import { memoryEventStore } from '#event-store';
import { testSnapshotPorts } from '#history/testing';
import { memoryPersonKeys } from '#personal-data/testing';
import type { TailnetCommand } from '#tailnet';
import { noNeighbours } from '../cluster/neighbours.js';
import { readableStore } from '../personal-data/readable-store.js';
import { Dispatcher } from '../tailnet/dispatcher.js';
import type { Tailnet } from '../tailnet/tailnet.js';
import { Tailnets } from '../tailnet/tailnets.js';
import { effectOf } from './effect.js';

const key = (n: number) => Buffer.alloc(32, n).toString('base64');
const join = (n: number): TailnetCommand => ({
  type: 'JoinNode',
  data: {
    nodeId: `node_${n}`,
    machineKey: key(n),
    nodeKey: key(100 + n),
    hostname: `n${n}`,
    os: 'linux',
    proof: { userId: 'user_a' },
    requestedTags: [],
    ephemeral: false,
  },
});
const policy = (dst: string): TailnetCommand => ({
  type: 'PublishAcl',
  data: { text: `{"acls": [{"action": "accept", "src": ["*"], "dst": ["${dst}"]}]}` },
});

const COMMANDS: readonly TailnetCommand[] = [
  {
    type: 'CreateTailnet',
    data: { tailnetId: 't', name: 'home', dnsSuffix: 'home.netfold.internal', ulaBytes: 'AQIDBAU=' },
  },
  { type: 'AddUser', data: { userId: 'user_a', login: 'a@example.com', displayName: '', role: 'owner' } },
  { type: 'AddUser', data: { userId: 'user_b', login: 'b@example.com', displayName: '', role: 'owner' } },
  policy('*:*'),
  join(1),
  join(2),
  join(3),
  { type: 'AdvertiseRoutes', data: { nodeId: 'node_3', prefixes: ['10.9.0.0/16'] } },
  { type: 'ApproveRoute', data: { nodeId: 'node_3', prefix: '10.9.0.0/16' } },
  { type: 'RenameNode', data: { nodeId: 'node_2', name: 'two' } },
  policy('*:22'),
  { type: 'ExpireNode', data: { nodeId: 'node_3' } },
  { type: 'RemoveNode', data: { nodeId: 'node_2', reason: 'removed' } },
  { type: 'SuspendUser', data: { userId: 'user_a' } },
];

test('what an event did is the same from what is remembered and from the ledger alone', async () => {
  const people = memoryPersonKeys(seededRandom(1));
  const sealed = memoryEventStore();
  const store = readableStore(sealed, people);
  const [neighbours, clock, snapshots] = [noNeighbours, { now: () => 1_000 }, testSnapshotPorts(sealed)];
  const tailnets = new Tailnets({ store, people, neighbours, clock, snapshots, fault: () => {} });
  const dispatcher = new Dispatcher(store, tailnets);
  await dispatcher.start(() => {});
  const tailnet = tailnets.open('t');
  for (const [i, command] of COMMANDS.entries()) {
    await tailnet.writer.execute({ id: `c${i}`, actor: { kind: 'system', id: 'test' }, command });
  }
  await tailnet.fold.reached((await store.head(tailnet.stream)).revision);
  const forgetful = { history: tailnet.history, netmaps: { stepTo: () => undefined } } as unknown as Tailnet;
  const concerned: Record<string, string[]> = {};
  for await (const event of store.read(tailnet.stream, { from: 1 })) {
    const [near, far] = [await effectOf(tailnet, event), await effectOf(forgetful, event)];
    const plain = ({ diffs }: typeof near) => [...diffs].sort(([a], [b]) => (a < b ? -1 : 1));
    expect(plain(far)).toEqual(plain(near));
    concerned[event.type] = [...near.diffs.keys()].sort();
  }
  expect(concerned).toMatchObject({
    UserJoined: [],
    NodeJoined: ['node_1', 'node_2', 'node_3'],
    NodeRenamed: ['node_1', 'node_2', 'node_3'],
    NodeExpired: ['node_1', 'node_2', 'node_3'],
    NodeRemoved: ['node_1', 'node_2'],
    UserSuspended: ['node_1', 'node_3'], // one whose key has expired is told, too
  });
  await dispatcher.stop();
});
