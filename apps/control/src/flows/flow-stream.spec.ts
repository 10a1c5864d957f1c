import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { FLOWS } from '#messaging';
import { BusRecorder } from '#messaging/testing';
import type { FlowRecord } from '#wire';
import { ManualClock } from '../testing/manual-clock.js';
import { TestAgent } from '../testing/test-agent.js';
import { TestCluster } from '../testing/test-cluster.js';
import { TestControl } from '../testing/test-control.js';

const flow: FlowRecord = {
  ...{ peer: 'node_2', protocol: 6, initiator: 'self', firstSeen: 1, lastSeen: 2 },
  ...{ localAddress: '100.64.0.1', localPort: 40_000, remoteAddress: '100.64.0.2', remotePort: 22 },
};

describe('an agent that tells its flows', () => {
  const agents: TestAgent[] = [];
  let cluster: TestCluster;
  let recorder: BusRecorder;
  beforeAll(async () => {
    cluster = await TestCluster.start(2, { clock: new ManualClock() });
  });
  beforeEach(async () => {
    recorder = new BusRecorder();
    await cluster.bus.subscribe(FLOWS, 'newest', recorder.handle).ready;
  });
  afterEach(async () => {
    for (const agent of agents.splice(0)) await agent.close();
  });
  afterAll(() => cluster.stop());

  async function agentAt(control: TestControl, name: string): Promise<TestAgent> {
    const agent = new TestAgent(control.grpcAddress, name);
    agents.push(agent);
    await agent.register(await control.authKey());
    agent.connect();
    await agent.until(({ frames }) => frames.length > 0);
    return agent;
  }

  test('is heard on the bus of all replicas, as the node that it has proven to be', async () => {
    for (const [i, { control }] of cluster.replicas.entries()) {
      const agent = await agentAt(control, `machine-${i}`);
      expect(agent.mayReportFlows).toBe(true);
      agent.reportFlows({ flows: [{ ...flow, localPort: 1_000 + i }], omitted: i });
      agent.reportFlows({ flows: [{ ...flow, localPort: 9 }], omitted: 0 });
      await recorder.until(i + 1);
    }
    const said = agents.map(({ nodeId }) => recorder.of(nodeId).map((text) => JSON.parse(text ?? '')));
    expect(said).toEqual(
      agents.map(({ nodeId }, i) => [
        expect.objectContaining({ node: nodeId, omitted: i, flows: [{ ...flow, localPort: 1_000 + i }] }),
      ]),
    );
  });

  test('loses its stream when it tells what cannot be, and nothing of it is heard', async () => {
    const [replica] = cluster.replicas;
    if (!replica) throw new Error('there is a replica');
    const agent = await agentAt(replica.control, 'machine');
    agent.reportFlows({ flows: [flow, { ...flow, remoteAddress: 'not an address' }], omitted: 0 });
    await agent.until(({ failure }) => failure !== undefined);
    expect(agent.failure?.code).toBe('wire.malformed');
    expect(recorder.messages).toEqual([]);
  });

  test('is told when there is nobody to tell, and keeps its stream if it tells all the same', async () => {
    const control = await TestControl.start();
    const [alice, bob] = [await agentAt(control, 'alice'), await agentAt(control, 'bob')];
    expect(alice.mayReportFlows).toBe(false);
    alice.reportFlows({ flows: [flow], omitted: 0 });
    alice.reportEndpoints('192.0.2.7:41641');
    await bob.until(({ presence }) => presence.get(alice.nodeId)?.endpoints.length === 1);
    expect(alice.failure).toBeUndefined();
    for (const agent of agents.splice(0)) await agent.close();
    await control.stop();
  });
});
