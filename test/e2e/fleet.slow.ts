import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { desiredState, type EngineState, emptyEngineState, plan } from '#plan';
import { applyStrictly } from '#plan/testing';
import { Dice } from '#sim';
import type { HeldNetmap } from '../../apps/agent/src/netmap/held-netmap.js';
import { digestsOf, Fleet, heldDigests, until } from './fleet/fleet.js';
import type { FleetAgent } from './fleet/fleet-agent.js';
import { LOGINS, randomChange } from './fleet/random-change.js';

const OPEN = '{"acls": [{"action": "accept", "src": ["*"], "dst": ["*:*"]}]}';
/** The server sends so many frames before it waits for an acknowledgement. */
const WINDOW = 8;

describe('a fleet of agents', () => {
  let fleet: Fleet;
  let dice: Dice;
  let serial = 0;

  beforeEach(async () => {
    dice = new Dice(20_261_123);
    fleet = await Fleet.open(dice);
  });
  afterEach(() => fleet.close());

  async function joinMany(count: number): Promise<void> {
    for (let i = 0; i < count; i++) await fleet.join(`node-${i}`, dice.pick(LOGINS));
  }

  async function expectAllAgree(): Promise<void> {
    await fleet.settle();
    const wanted = digestsOf(await fleet.stateFromScratch());
    const members = fleet.members;
    expect(members.map(({ nodeId }) => nodeId).sort()).toEqual([...wanted.keys()].sort());
    expect(heldDigests(members)).toEqual(new Map(members.map(({ nodeId }) => [nodeId, wanted.get(nodeId)])));
    expect(members.flatMap(({ refused }) => refused)).toEqual([]);
  }

  async function changes(count: number, between: (agent: FleetAgent) => void = () => {}): Promise<void> {
    for (let i = 0; i < count; i++) {
      serial += 1;
      await randomChange(fleet, dice.pick(fleet.members), dice, serial);
      between(dice.pick(fleet.members));
    }
  }

  test('holds what the server holds, through random changes, broken connections and a restart, by differences alone', async () => {
    const count = 15;
    await joinMany(count);
    await changes(40, (agent) => {
      if (dice.chance(0.3)) agent.breakOff();
      if (dice.chance(0.1)) agent.online.close();
      if (dice.chance(0.2)) for (const one of fleet.agents) one.online.open();
    });
    for (const one of fleet.agents) one.online.open();
    await expectAllAgree();
    const before = await fleet.streams();
    expect(before.counters).toMatchObject({ snapshots: count, resumesRefused: 0, netmapsRefused: 0 });
    expect(before.counters.resumed).toBeGreaterThan(5);
    expect(before.counters.diffs).toBeGreaterThan(50);

    const away = fleet.agents.slice(0, 4);
    for (const agent of away) {
      agent.online.close();
      agent.breakOff();
    }
    await changes(5);
    await fleet.control.restart();
    await changes(10);
    for (const agent of away) agent.online.open();
    await changes(10);
    await fleet.control.call('DELETE', `nodes/${fleet.agents[0]?.nodeId}`);
    await expectAllAgree();
    const { counters } = await fleet.streams();
    expect(counters).toMatchObject({ snapshots: 0, resumesRefused: 0, netmapsRefused: 0 });
    expect(counters.resumed).toBeGreaterThanOrEqual(count);
    expect(fleet.agents[0]).toMatchObject({ problem: { code: 'agent.removed' }, held: { netmap: new Map() } });
  });

  test('goes on while one of them reads nothing, and keeps nothing for it but the difference', async () => {
    await joinMany(6);
    await fleet.control.call('PUT', 'policy', OPEN);
    await fleet.settle();
    const [stalled, loud] = fleet.agents as [FleetAgent, FleetAgent];
    stalled.reading.close();
    const heard = stalled.frames.length;
    const rounds = 60;
    for (let i = 0; i < rounds; i++) await fleet.control.call('POST', `nodes/${loud.nodeId}/rename`, { name: `n${i}` });
    await until('the others have all of it', async () => {
      const { streams } = await fleet.streams();
      const others = streams.filter(({ nodeId }) => nodeId !== stalled.nodeId);
      return others.every(({ behind, unacknowledged }) => !behind && unacknowledged === 0) || undefined;
    });
    const { streams, revision } = await fleet.streams();
    const stream = streams.find(({ nodeId }) => nodeId === stalled.nodeId);
    expect(stream).toMatchObject({ behind: true, unacknowledged: WINDOW });
    expect(revision - (stream?.appliedRevision ?? 0)).toBeGreaterThanOrEqual(rounds);
    stalled.reading.open();
    await expectAllAgree();
    expect(stalled.frames.length - heard).toBeGreaterThan(WINDOW);
    expect(stalled.frames.length - heard).toBeLessThanOrEqual(2 * WINDOW);
    expect(stalled.frames.slice(heard).map(({ snapshot }) => snapshot)).not.toContain(true);
  });

  test('is not disturbed by a bad one', async () => {
    await joinMany(4);
    await fleet.control.call('PUT', 'policy', OPEN);
    for (const hostname of ODD_HOSTNAMES) await fleet.join(hostname, LOGINS[1] as string);
    await fleet.join('weak', LOGINS[1] as string, { nodeKey: LOW_ORDER });
    for (const [code, oddity] of REFUSED) {
      await expect(fleet.join('bad', LOGINS[1] as string, oddity)).rejects.toMatchObject({ code });
    }
    await expectAllAgree();
    const everybody = fleet.members.map(({ nodeId }) => nodeId);
    for (const { nodeId, held } of fleet.members) {
      const state = engineOf(held);
      expect(new Set([nodeId, ...state.peers.keys()])).toEqual(new Set(everybody));
    }
    // One whose key has expired takes nobody but itself out.
    const [expired, ...others] = fleet.members as [FleetAgent, ...FleetAgent[]];
    await fleet.control.call('POST', `nodes/${expired.nodeId}/expire`);
    await expectAllAgree();
    expect(engineOf(expired.held).peers.size).toBe(0);
    for (const { held } of others) expect(engineOf(held).peers.size).toBe(others.length - 1);
  });
});

const ODD_HOSTNAMES = [
  '',
  '.',
  'localhost',
  'Zoë’s “Mac” 💻',
  '-_-',
  'a.b.c',
  'ｗｉｄｅ',
  'x'.repeat(255),
  '../etc',
  'node-0',
];

/** 32 bytes with which no two parties find a common secret (RFC 7748, section 6.1). */
const LOW_ORDER = Uint8Array.from([1, ...new Uint8Array(31)]);

const REFUSED = [
  ['node.wrong_machine_key', { nodeKey: LOW_ORDER }],
  ['wire.malformed', { nodeKey: new Uint8Array(31) }],
  ['input.bad_key', { nodeKey: new Uint8Array(32) }],
  ['input.control_characters', { hostname: 'a\u0000b' }],
  ['input.too_long', { hostname: 'x'.repeat(100_000) }],
  ['input.control_characters', { os: '\n' }],
  ['tag.undeclared', { tags: ['tag:nobody-owns-it'] }],
] as const;

/** The engine that an agent would have: it takes every step of the way there, or throws. */
const engineOf = ({ netmap }: HeldNetmap): EngineState =>
  plan(emptyEngineState, desiredState(netmap, { acceptRoutes: true, acceptDns: false })).reduce(
    applyStrictly,
    emptyEngineState,
  );
