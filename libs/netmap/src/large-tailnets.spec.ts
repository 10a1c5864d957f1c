import { describe, expect, test } from '@jest/globals';
import { Map as PersistentMap } from 'immutable';
import { aTailnet, nodeId, type TailnetBuilder } from '#tailnet/testing';
import { networkFromScratch } from './advance.js';
import { affectedViewers } from './affected-viewers.js';
import { emptyChange } from './change.js';
import { diffView } from './diff-view.js';
import { countWork } from './testing/count-work.js';
import { encodeJson } from './testing/encode-json.js';
import { type Followed, follow } from './testing/follow.js';
import { digestOfView } from './view-digest.js';

const GROUP = 20;
const groupOf = (index: number) => `tag:g${Math.floor(index / GROUP)}`;

/** Each group reaches its own members only. */
function groupPolicy(nodes: number, ports: (group: string) => string = () => '*'): object {
  const groups = [...new Set(Array.from({ length: nodes }, (_, index) => groupOf(index)))];
  return {
    tagOwners: Object.fromEntries(groups.map((group) => [group, []])),
    acls: groups.map((group) => ({ action: 'accept', src: [group], dst: [`${group}:${ports(group)}`] })),
  };
}

const openPolicy = { tagOwners: { [groupOf(0)]: [] }, acls: [{ action: 'accept', src: ['*'], dst: ['*:*'] }] };

function tailnetOf(nodes: number, policy: object): TailnetBuilder {
  let tailnet = aTailnet().withPolicy(policy);
  for (let index = 0; index < nodes; index++) tailnet = tailnet.withNode(`n${index}`, { tags: [groupOf(index)] });
  return tailnet;
}

interface Bill {
  /** To follow the event. */
  readonly advance: number;
  /** To find whose netmap changed, and how. */
  readonly tell: number;
  readonly viewers: number;
  readonly items: number;
}

/** What an event costs, and how many are told how much. */
function billOf(tailnet: TailnetBuilder, act: (tailnet: TailnetBuilder) => TailnetBuilder): Bill {
  const { state } = tailnet;
  const before: Followed = { state, network: networkFromScratch(state), change: emptyChange };
  const event = act(tailnet).events.at(-1)?.event;
  if (!event) throw new Error('nothing happened');
  let after = before;
  const advance = countWork(() => {
    after = follow(before, event);
  });
  let [viewers, items] = [0, 0];
  const tell = countWork(() => {
    for (const viewer of affectedViewers(before.network, after.network, after.change)) {
      const { removed, upserted } = diffView(before.network, after.network, viewer, after.change);
      viewers += 1;
      items += removed.length + upserted.length;
    }
  });
  return { advance, tell, viewers, items };
}

const join = (tailnet: TailnetBuilder) => tailnet.withNode('new', { tags: [groupOf(0)] });
const rotate = (tailnet: TailnetBuilder) =>
  tailnet.with('KeyRotated', { nodeId: nodeId('n3'), nodeKey: 'A'.repeat(43).concat('='), keyExpiresAt: null });
const retag = (tailnet: TailnetBuilder) => tailnet.with('NodeTagged', { nodeId: nodeId('n3'), tags: [groupOf(GROUP)] });
const offer = (tailnet: TailnetBuilder) => tailnet.withOffers('n3', ['10.0.0.0/8']);

const small = tailnetOf(100, groupPolicy(100));
const large = tailnetOf(2_000, groupPolicy(2_000));

test('work is counted', () => {
  const map = PersistentMap([
    ['a', 1],
    ['b', 2],
  ]);
  expect(countWork(() => map.get('a'))).toBe(1);
  expect(countWork(() => [...map.keys()])).toBeGreaterThanOrEqual(2);
  expect(countWork(() => {})).toBe(0);
});

describe('in 2,000 nodes', () => {
  test.each([
    ['a join', join, GROUP + 1],
    ['a key rotation', rotate, GROUP],
    ['a change of tags', retag, 2 * GROUP],
    ['a route that is offered', offer, 1],
  ])('%s costs what it costs in 100, when the others have nothing to do with it', (_, act, viewers) => {
    const [here, there] = [billOf(large, act), billOf(small, act)];
    expect(here).toEqual(there);
    expect(here.viewers).toBe(viewers);
    expect(here.advance + here.tell).toBeLessThan(40 * viewers + 100);
  });

  test('a rule that changes is told to whom it concerns, at their cost', () => {
    const narrow = (nodes: number) => (tailnet: TailnetBuilder) =>
      tailnet.withPolicy(groupPolicy(nodes, (group) => (group === groupOf(0) ? '22' : '*')));
    const [here, there] = [billOf(large, narrow(2_000)), billOf(small, narrow(100))];
    expect(here.viewers).toBe(GROUP);
    expect(here.tell).toBe(there.tell);
    // A policy is looked at with every node: in proportion to them.
    expect(here.advance).toBeLessThan(25 * there.advance);
  });
});

describe('where everybody sees everybody', () => {
  const all = tailnetOf(1_000, openPolicy);

  test('a join is one item for each, at a small constant', () => {
    const { viewers, items, advance, tell } = billOf(all, join);
    expect(viewers).toBe(1_001);
    // One for each of the others; itself, the names, the rule and 1,000 peers for the new one.
    expect(items).toBe(1_000 + 1_003);
    expect(advance).toBeLessThan(100);
    expect(tell / viewers).toBeLessThan(20);
  });

  test('and all belong to one user, the digests of all views cost little more than that of one', () => {
    let family = aTailnet().withUser('alice').withPolicy(openPolicy);
    for (let index = 0; index < 500; index++) family = family.withNode(`n${index}`, { user: 'alice' });
    const network = networkFromScratch(family.state);
    const [first, ...others] = network.nodes.keySeq();
    const one = countWork(() => digestOfView(network, first as string, encodeJson));
    const rest = countWork(() => others.map((id) => digestOfView(network, id, encodeJson)));
    expect(one).toBeGreaterThan(500);
    expect(rest).toBeLessThan(20 * others.length);
  });

  test('a network costs what its nodes cost, not their pairs', () => {
    const half = tailnetOf(500, openPolicy);
    const [one, two] = [
      countWork(() => networkFromScratch(half.state)),
      countWork(() => networkFromScratch(all.state)),
    ];
    expect(two).toBeLessThan(2.2 * one);
  });
});
