import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { TestAgent } from './testing/test-agent.js';
import { TestControl } from './testing/test-control.js';

describe('a control plane and its agents', () => {
  let control: TestControl;
  const agents: TestAgent[] = [];

  beforeAll(async () => {
    control = await TestControl.start();
  });

  afterAll(async () => {
    for (const agent of agents) await agent.close();
    await control.stop();
  });

  async function joined(hostname: string, more: Record<string, unknown> = {}): Promise<TestAgent> {
    const agent = new TestAgent(control.grpcAddress, hostname);
    agents.push(agent);
    await agent.register(await control.authKey(more));
    agent.connect();
    await agent.until(({ frames }) => frames.length > 0);
    return agent;
  }

  test('agents join and see each other', async () => {
    const laptop = await joined('laptop');
    const desktop = await joined('desktop');
    await laptop.until(({ peers }) => peers.includes('desktop'));
    expect(desktop.peers).toEqual(['laptop']);
  });
});
