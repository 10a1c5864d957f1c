import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { TestAgent } from '../testing/test-agent.js';
import { TestCluster, type TestReplica } from '../testing/test-cluster.js';

describe('a replica whose store is away', () => {
  let cluster: TestCluster;
  let replica: TestReplica;
  let agent: TestAgent;
  const readiness = async () => {
    const answer = await fetch(`${replica.control.httpUrl}/readyz`);
    return { ...((await answer.json()) as { code?: string }), status: answer.status };
  };
  const until = async (status: number, code?: RegExp) => {
    let now = await readiness();
    while (now.status !== status || !(code?.test(now.code ?? '') ?? true)) now = await readiness();
  };

  beforeAll(async () => {
    cluster = await TestCluster.start(1, { watchMs: 150 });
    replica = await cluster.add({}, '&defaultDeadline=2000');
    agent = new TestAgent(replica.control.grpcAddress, 'alice');
    await agent.register(await replica.control.authKey());
    agent.connect();
    await agent.until(({ frames }) => frames.length > 0);
  });
  afterAll(async () => {
    await agent.close();
    await cluster.stop();
  });

  test('serves what it has, says so, writes nothing, and goes on by itself', async () => {
    const { control, store } = replica;
    await until(200);
    await store.down();
    await until(503, /^(control\.store_away|store\.)/);
    expect((await control.call('GET', 'nodes')).body).toMatchObject({ nodes: [{ name: 'alice', online: true }] });
    const refused = await control.call('POST', `nodes/${agent.nodeId}/rename`, { name: 'carol' });
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1']);
    expect(refused.body).toMatchObject({ code: expect.stringMatching(/^store\./) });
    await agent.disconnect();
    agent.connect();
    await agent.until(({ frames }) => frames.length > 1);
    expect(agent.frames[1]?.snapshot).toBe(false);

    await store.up();
    await until(200);
    const other = cluster.replicas[0]?.control;
    await other?.call('POST', `nodes/${agent.nodeId}/rename`, { name: 'dora' });
    await agent.until(({ netmap }) =>
      [...netmap.values()].some((item) => item.kind === 'self' && item.name === 'dora'),
    );
    expect((await control.call('POST', `nodes/${agent.nodeId}/rename`, { name: 'carol' })).status).toBe(200);
  });

  test('and one that is only late: it is told apart', async () => {
    const { store } = replica;
    const release = Promise.withResolvers<void>();
    store.faults.feeds = release.promise;
    await cluster.replicas[0]?.control.call('POST', `nodes/${agent.nodeId}/rename`, { name: 'late' });
    await until(503, /^control\.behind$/);
    release.resolve();
    store.faults.feeds = undefined;
    await until(200);
  });
});
