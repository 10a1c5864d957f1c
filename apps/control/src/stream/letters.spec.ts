import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { fromUtf8, utf8 } from '#kernel';
import { ManualClock } from '../testing/manual-clock.js';
import { TestAgent } from '../testing/test-agent.js';
import { TestControl } from '../testing/test-control.js';

const OPEN = '{"acls": [{"action": "accept", "src": ["*"], "dst": ["*:*"]}]}';
const CLOSED = '{"acls": []}';

describe('letters', () => {
  const clock = new ManualClock();
  let control: TestControl;
  let agents: TestAgent[];
  let alice: TestAgent;
  let bob: TestAgent;

  const joined = async (hostname: string): Promise<TestAgent> => {
    const agent = new TestAgent(control.grpcAddress, hostname);
    agents.push(agent);
    await agent.register(await control.authKey());
    agent.connect();
    await agent.until(({ frames }) => frames.length > 0);
    return agent;
  };
  const read = ({ letters }: TestAgent) => letters.map(({ content }) => fromUtf8(content));

  /** Resolves when the server has read all that the agent has written until now. */
  const heard = async (agent: TestAgent, port: number): Promise<void> => {
    agent.takeLetters(`127.0.0.1:${port}`);
    const endpoints = async () => {
      const { body } = await control.call('GET', 'nodes');
      return (body as { nodes: { id: string; endpoints: string[] }[] }).nodes.find(({ id }) => id === agent.nodeId)
        ?.endpoints;
    };
    while (!(await endpoints())?.includes(`127.0.0.1:${port}`));
  };

  beforeAll(async () => {
    control = await TestControl.start({ clock });
  });
  beforeEach(async () => {
    agents = [];
    await control.call('PUT', 'policy', OPEN);
    alice = await joined('alice');
    bob = await joined('bob');
  });
  afterEach(async () => {
    for (const agent of agents) await agent.close();
  });
  afterAll(() => control.stop());

  test('get to whom they are for, with the name of who wrote them, in order', async () => {
    bob.takeLetters();
    await alice.until(({ presence }) => presence.get(bob.nodeId)?.takesLetters === true);
    alice.write(bob.nodeId, 'one');
    alice.write(bob.nodeId, 'two');
    await bob.until(({ letters }) => letters.length === 2);
    expect(bob.letters).toEqual(['one', 'two'].map((text) => ({ nodeId: alice.nodeId, content: utf8(text) })));
    const { body } = await control.call('GET', 'audit');
    expect(JSON.stringify(body)).not.toContain(Buffer.from('one').toString('base64'));
  });

  test('do not get to nodes that take none, or that the sender does not see', async () => {
    alice.write(bob.nodeId, 'too early');
    await heard(alice, 1);
    await heard(bob, 2);
    await control.call('PUT', 'policy', CLOSED);
    await bob.until(({ peers }) => peers.length === 0);
    alice.write(bob.nodeId, 'unseen');
    alice.write('node_nobody', 'to nobody');
    await heard(alice, 3);
    await control.call('PUT', 'policy', OPEN);
    await bob.until(({ peers }) => peers.includes('alice'));
    alice.write(bob.nodeId, 'seen');
    await bob.until(({ letters }) => letters.length > 0);
    expect(read(bob)).toEqual(['seen']);
  });

  test('are few from one node to another', async () => {
    await heard(bob, 1);
    for (let i = 0; i < 100; i++) alice.write(bob.nodeId, `${i}`);
    await heard(alice, 2);
    await bob.until(({ letters }) => letters.length >= 16);
    expect(bob.letters).toHaveLength(16);
    clock.advance(2_000);
    for (let i = 0; i < 100; i++) alice.write(bob.nodeId, `later ${i}`);
    await heard(alice, 3);
    await bob.until(({ letters }) => letters.length >= 18);
    expect(read(bob).slice(16)).toEqual(['later 0', 'later 1']);
  });
});
