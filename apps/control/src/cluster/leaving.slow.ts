import { afterEach, describe, expect, test } from '@jest/globals';
import { TestAgent } from '../testing/test-agent.js';
import { TestCluster } from '../testing/test-cluster.js';

describe('a replica that stops', () => {
  let cluster: TestCluster | undefined;
  const agents: TestAgent[] = [];
  afterEach(async () => {
    for (const agent of agents.splice(0)) await agent.close();
    await cluster?.stop();
  });

  test('sends its agents elsewhere, answers what it was asked, and says that it goes', async () => {
    cluster = await TestCluster.start(2);
    const [a, b] = cluster.replicas.map(({ control }) => control);
    if (!a || !b) throw new Error('there are two');
    const key = await a.authKey();
    for (let i = 0; i < 3; i++) {
      const agent = new TestAgent(a.grpcAddress, `node-${i}`);
      agents.push(agent);
      await agent.register(key);
      agent.connect();
      await agent.until(({ frames }) => frames.length > 0);
    }
    const [first] = agents;
    if (!first) throw new Error('there are three');
    first.acknowledges = false;
    const { body } = await b.call('POST', `nodes/${agents[1]?.nodeId}/rename`, { name: 'other' });
    const { revision } = body as { revision: number };
    // It waits for an agent that does not answer.
    const asked = a.call('GET', `trace/${revision}?wait=60000`);
    await first.until(({ frames }) => frames.some((frame) => frame.revision >= revision));

    const closed = a.close();
    expect(await asked).toMatchObject({ status: 200, body: { behind: 1 } });
    for (const agent of agents) await agent.until(({ goodbye }) => goodbye !== undefined);
    for (const { goodbye, servers } of agents) {
      expect(servers).toEqual([`http://${b.grpcAddress}`]);
      expect(goodbye).toMatchObject({ reason: 'draining' });
      expect(goodbye?.retryAfter).toBeLessThan(500);
    }
    await first.move(b.grpcAddress);
    const before = first.frames.length;
    first.connect();
    await first.until(({ frames }) => frames.length > before);
    expect(first.frames[before]?.snapshot).toBe(false);
    await closed;
    const online = async () => {
      const { nodes } = (await b.call('GET', 'nodes')).body as { nodes: { id: string; online: boolean }[] };
      return nodes.filter((node) => node.online).map(({ id }) => id);
    };
    let there = await online();
    while (there.length > 1) there = await online();
    expect(there).toEqual([first.nodeId]);
  });
});
