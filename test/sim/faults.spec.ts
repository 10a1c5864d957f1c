import { describe, expect, test } from '@jest/globals';
import { NativeCrypto } from '#crypto/native';
import type { FilterRule } from '#filter';
import { nextRequest } from './flows.js';
import type { SimAgent } from './sim-agent.js';
import { simulate } from './simulate.js';
import { World } from './world.js';

const crypto = new NativeCrypto();

/** Makes every agent's filter take other rules than it is given. @param old the rules that it was given before */
function withRules(
  change: (given: readonly FilterRule[], old: ReadonlyMap<string, FilterRule>) => readonly FilterRule[],
) {
  return (world: World) => {
    world.prepare = ({ path, node }: SimAgent) => {
      if (!path) return;
      const { filter } = path;
      const setRules = filter.setRules.bind(filter);
      const old = new Map<string, FilterRule>();
      filter.setRules = (given) => {
        setRules(change(given, old));
        for (const rule of given) old.set(rule.id, rule);
      };
      node?.reapply();
    };
  };
}

const EVERYWHERE = ['0.0.0.0/0', '::/0'];

/** Fault → how it is planted, and a seed in whose history somebody is let in because of it. */
const FAULTS: Readonly<Record<string, readonly [plant: (world: World) => void, seed: number]>> = {
  'a filter that keeps rules that are gone': [
    withRules((given, old) => [...new Map([...old, ...given.map((rule) => [rule.id, rule] as const)]).values()]),
    0,
  ],
  'a filter that takes any user for the same': [
    withRules((given) => given.map((rule) => ({ ...rule, sameUser: false }))),
    2,
  ],
  'a filter that takes in what is for somebody else': [
    withRules((given) =>
      given.flatMap((rule) =>
        rule.dst.kind === 'self'
          ? EVERYWHERE.map((prefix) => ({
              ...rule,
              id: `${rule.id} ${prefix}`,
              dst: { kind: 'prefix', prefix } as const,
            }))
          : [rule],
      ),
    ),
    1,
  ],
  'a control plane that tells a node nothing of policies': [
    ({ control }) => {
      control.forgets = (nodeId, { type }) => nodeId === 'node_1' && type === 'AclPublished';
    },
    2,
  ],
};

/** Should another history come of the seed one day, one of the next will do as well. */
const MOST_HISTORIES = 8;

describe('the referee finds', () => {
  test.each(Object.entries(FAULTS))('%s', async (_, [plant, seed]) => {
    let found = 0;
    for (let i = 0; i < MOST_HISTORIES && found === 0; i++) {
      const world = new World(seed + i, crypto);
      plant(world);
      found = (await simulate(world)).violations.length;
    }
    expect(found).toBeGreaterThan(0);
  });
});

test('agents find out that history was rewritten, keep what they have, and go on', async () => {
  const world = new World(2, crypto);
  const { scheduler, flows, control } = world;
  try {
    world.must({
      type: 'PublishAcl',
      data: { text: '{"acls": [{"action": "accept", "src": ["*"], "dst": ["*:*"]}]}' },
    });
    world.join();
    world.join();
    await scheduler.pass(5_000);
    const [one, other] = world.running as [SimAgent, SimAgent];
    const held = world.running.map(({ node }) => node?.follower.held);
    expect(held.map((netmap) => netmap?.revision)).toEqual([control.state.revision, control.state.revision]);
    control.rewrites = (event) => (event.revision === 1 ? { ...event, hash: '1'.repeat(64) } : event);
    control.restart();
    world.must({ type: 'PublishAcl', data: { text: '{"acls": []}' } });
    await scheduler.pass(60_000);
    for (const { node } of world.running) expect(node?.setup.ledger.alarm?.code).toBe('agent.ledger_forked');
    expect(world.running.map(({ node }) => node?.follower.held)).toEqual(held);
    const [from, to] = [one, other].map(({ nodeId }) => control.state.nodes.get(nodeId));
    const ends = { from: one.nodeId, source: from?.ipv4 ?? '', destination: to?.ipv4 ?? '' };
    const flow = flows.open({ ...ends, protocol: 1, port: 0, honest: true });
    one.send(nextRequest(flow));
    await scheduler.pass(10_000);
    expect(flow).toMatchObject({ arrived: 1, answered: 1 });
  } finally {
    world.close();
  }
});

test('a node whose rotation the control plane never heard of stays reachable under the key that it has there', async () => {
  const world = new World(1, crypto);
  const { scheduler, flows } = world;
  try {
    world.must({
      type: 'PublishAcl',
      data: { text: '{"acls": [{"action": "accept", "src": ["*"], "dst": ["*:*"]}]}' },
    });
    world.join();
    world.join();
    await scheduler.pass(2_000);
    const [rotating, other] = world.running as [SimAgent, SimAgent];
    const { route } = rotating.parts;
    route.passable = false;
    route.break(0, 0);
    const rotation = rotating.node?.ownKey.rotate().catch(({ code }) => code);
    await scheduler.pass(1_000);
    expect(await rotation).toBe('control.unreachable');
    route.passable = true;
    await scheduler.pass(1_000_000);
    const [from, to] = [other, rotating].map(({ nodeId }) => world.control.state.nodes.get(nodeId));
    const ends = { from: other.nodeId, source: from?.ipv4 ?? '', destination: to?.ipv4 ?? '' };
    const flow = flows.open({ ...ends, protocol: 1, port: 0, honest: true });
    other.send(nextRequest(flow));
    await scheduler.pass(10_000);
    expect(flow).toMatchObject({ arrived: 1, answered: 1 });
  } finally {
    world.close();
  }
});
