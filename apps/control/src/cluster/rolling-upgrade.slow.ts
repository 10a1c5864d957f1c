import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type EventStore, openKurrentEventStore } from '#event-store';
import type { EventVersions } from '#tailnet';
import { TestAgent } from '../testing/test-agent.js';
import { TestCluster, type TestReplica } from '../testing/test-cluster.js';

/** A release that keeps one type of events in one version more than this one. */
const NEWER: EventVersions = {
  steps: {
    NodeRenamed: [
      {
        level: 2,
        up: (data) => ({ ...(data as object), was: 'of version 1' }),
        down: ({ was: _, ...data }) => data,
      },
    ],
  },
  since: {},
};

let cluster: TestCluster;
const agents: TestAgent[] = [];

beforeEach(() => {
  cluster = new TestCluster();
});
afterEach(async () => {
  for (const agent of agents.splice(0)) await agent.close();
  await cluster.stop();
  expect(cluster.problems).toEqual([]);
});

async function agentAt({ control }: TestReplica, name: string): Promise<TestAgent> {
  const agent = new TestAgent(control.grpcAddress, name);
  agents.push(agent);
  await agent.register(await control.authKey());
  agent.connect();
  await agent.until(({ frames }) => frames.length > 0);
  return agent;
}

async function rename({ control }: TestReplica, { nodeId }: TestAgent, name: string): Promise<number> {
  const { status, body } = await control.call('POST', `nodes/${nodeId}/rename`, { name });
  if (status !== 200) throw new Error(JSON.stringify(body));
  return (body as { revision: number }).revision;
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** Waits until, by this replica's account, all read this level. */
const untilReadByAll = ({ control }: TestReplica, level: number): Promise<void> =>
  until(async () => {
    const answer = await fetch(`${control.httpUrl}/api/v1/server`);
    const { releaseLevel } = (await answer.json()) as { releaseLevel: { all: number | null } };
    return releaseLevel.all === level;
  });

/** What is kept of the ledger, as type and version. */
async function kept({ store: { url } }: TestReplica): Promise<string[]> {
  const store: EventStore = await openKurrentEventStore(url);
  const events: string[] = [];
  for await (const { type, version } of store.readAll()) events.push(`${type} ${version}`);
  await store.close();
  return events;
}

test('an old and a new release serve one tailnet; the new one writes new versions when the old one has gone', async () => {
  const old = await cluster.add();
  const fresh = await cluster.add({ versions: NEWER });
  const [alice, bob] = [await agentAt(old, 'alice'), await agentAt(fresh, 'bob')];
  await untilReadByAll(fresh, 1);
  await untilReadByAll(old, 1);
  await rename(fresh, alice, 'ann');
  await bob.until(({ peers }) => peers.includes('ann'));
  await rename(old, bob, 'bert');
  await alice.until(({ peers }) => peers.includes('bert'));
  expect((await kept(old)).filter((event) => event.startsWith('NodeRenamed'))).toEqual(Array(2).fill('NodeRenamed 1'));

  await alice.disconnect();
  await old.control.close();
  await untilReadByAll(fresh, 2);
  await until(async () => {
    const { body } = await fresh.control.call('GET', 'revision');
    return (body as { releaseFloor: number }).releaseFloor === 2;
  });
  const last = await rename(fresh, alice, 'anna');
  await bob.until(({ peers }) => peers.includes('anna'));
  expect((await kept(fresh)).slice(-2)).toEqual(['ReleaseFloorRaised 1', 'NodeRenamed 2']);

  // The old release comes back: it serves what it can read, and writes nothing.
  const late = await cluster.add();
  const nodes = await late.control.call('GET', 'nodes');
  expect(nodes).toMatchObject({ status: 200, body: { revision: last - 2 } });
  expect(nodes.headers.get('netfold-paused')).toMatch(/^tailnet-\S+@\d+ event\.newer_release$/);
  const refused = await late.control.call('POST', `nodes/${bob.nodeId}/rename`, { name: 'bill' });
  expect(refused).toMatchObject({
    status: 503,
    body: { code: 'tailnet.paused', details: { reason: { code: 'event.newer_release' } } },
  });
  expect(await (await fetch(`${late.control.httpUrl}/readyz`)).json()).toMatchObject({ status: 'ready', paused: 1 });

  // And the next release again: it goes on by itself.
  const next = await cluster.add({ versions: NEWER });
  const shown = await next.control.call('GET', `nodes/${alice.nodeId}`);
  expect(shown).toMatchObject({ status: 200, body: { revision: last, node: { name: 'anna' } } });
  expect(shown.headers.get('netfold-paused')).toBeNull();
});
