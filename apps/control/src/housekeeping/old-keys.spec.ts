import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ManualClock } from '../testing/manual-clock.js';
import { TestAgent } from '../testing/test-agent.js';
import { TestControl } from '../testing/test-control.js';

const DAY = 86_400_000;

describe('keys that have grown old', () => {
  const clock = new ManualClock();
  let control: TestControl;
  let agent: TestAgent;
  let older: TestAgent;

  /** Resolves after the housekeeper has looked. */
  const looked = async (): Promise<void> => {
    const ephemeral = new TestAgent(control.grpcAddress, 'fleeting');
    const { nodeId } = await ephemeral.register(await control.authKey({ ephemeral: true }));
    await ephemeral.close();
    clock.advance(60_001);
    const ids = async () =>
      ((await control.call('GET', 'nodes')).body as { nodes: { id: string }[] }).nodes.map(({ id }) => id);
    while ((await ids()).includes(nodeId));
  };

  beforeAll(async () => {
    control = await TestControl.start({ clock, ephemeralTimeout: 60_000 });
    [agent, older] = ['web', 'older'].map((name) => new TestAgent(control.grpcAddress, name)) as [TestAgent, TestAgent];
    for (const one of [agent, older]) {
      await one.register(await control.authKey());
      one.connect();
      await one.until(({ frames }) => frames.length > 0);
    }
    agent.takeLetters();
    await older.until(({ presence }) => presence.get(agent.nodeId)?.takesLetters === true);
  });
  afterAll(async () => {
    await agent.close();
    await older.close();
    await control.stop();
  });

  test('are to be replaced when their time has come, and not before; older agents are left alone', async () => {
    clock.advance(27 * DAY - 3_600_000);
    await looked();
    expect(agent.keyRotationsDue).toBe(0);
    clock.advance(3 * DAY + 3_600_000);
    await agent.until(({ keyRotationsDue }) => keyRotationsDue > 0);
    await agent.command({ kind: 'rotate-key', nodeKey: new Uint8Array(randomBytes(32)) });
    const asked = agent.keyRotationsDue;
    clock.advance(3_600_000);
    await looked();
    expect(agent.keyRotationsDue).toBe(asked);
    expect(older.keyRotationsDue).toBe(0);
  });

  test('are asked for again while nothing happens, and as often as an admin wants', async () => {
    const asked = agent.keyRotationsDue;
    await control.call('PUT', 'settings', { keyRotation: 2 * DAY });
    clock.advance(2 * DAY);
    await agent.until(({ keyRotationsDue }) => keyRotationsDue === asked + 1);
    clock.advance(60_000);
    await agent.until(({ keyRotationsDue }) => keyRotationsDue === asked + 2);
    await control.call('PUT', 'settings', { keyRotation: null });
    clock.advance(10 * DAY);
    await looked();
    expect(agent.keyRotationsDue).toBe(asked + 2);
  });
});
