import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ok } from '#kernel';
import type { TailnetState } from '../../state.js';
import { arbitraryHistory, type History } from '../../testing/arbitrary-history.js';
import { LATER } from '../../testing/given.js';
import { foldAll, type RecordedEvent } from '../../testing/recorded-event.js';
import { aTailnet, nodeId, type TailnetBuilder, userId } from '../../testing/tailnet-builder.js';
import { EVENT_TYPES } from '../../upcast.js';
import { runCommands } from '../run-commands.js';
import { COMPENSATIONS } from './compensations.js';
import { planRevert } from './plan-revert.js';

const flat = ({ event, meta }: RecordedEvent) => ({ ...event, ...meta });

function plan(events: readonly RecordedEvent[], from: number, count = 1) {
  const before = foldAll(events.slice(0, from));
  return planRevert({ before, events: events.slice(from).map(flat), count, now: LATER });
}

/** What taking back the event after `made` says, when `later` has happened since. */
const undoing = (made: TailnetBuilder, later: TailnetBuilder = made) => plan(later.events, made.events.length - 1);

const OPEN = { acls: [{ action: 'accept', src: ['*'], dst: ['*:*'] }] };
const tailnet = aTailnet()
  .withUser('olga', 'owner')
  .withUser('bob')
  .withPolicy(OPEN)
  .withNode('office', { user: 'bob', offers: ['10.0.0.0/8'] });
const route = { nodeId: nodeId('office'), prefix: '10.0.0.0/8' };

test('every type of event says how it is taken back, or why not', () => {
  expect(Object.keys(COMPENSATIONS).sort()).toEqual([...EVENT_TYPES].sort());
});

describe('what is taken back', () => {
  test('a route that was approved', () => {
    expect(undoing(tailnet.with('RouteApproved', { ...route, by: 'admin' }))).toEqual(
      ok([{ type: 'RevokeRoute', data: route }]),
    );
  });

  test('a role', () => {
    expect(undoing(tailnet.with('UserRoleChanged', { userId: userId('bob'), role: 'admin' }))).toEqual(
      ok([{ type: 'ChangeUserRole', data: { userId: userId('bob'), role: 'member' } }]),
    );
  });

  test('a policy, and a later edit stays where both go together', () => {
    const made = tailnet.withPolicy('{"acls": []}');
    expect(undoing(made)).toEqual(ok([{ type: 'PublishAcl', data: { text: JSON.stringify(OPEN) } }]));
    const plan = undoing(made, made.withPolicy('{"acls": [], "groups": {"group:a": []}}'));
    const [command] = plan.ok ? plan.value : [];
    expect(command?.type === 'PublishAcl' && JSON.parse(command.data.text)).toEqual({
      ...OPEN,
      groups: { 'group:a': [] },
    });
  });

  test('no policy whose later edits contradict it, and it says which', () => {
    const acls = (port: string) => [{ action: 'accept', src: ['*'], dst: [`*:${port}`] }];
    const groups = { 'group:a': [] };
    const made = tailnet.withPolicy({ acls: acls('22') });
    const against = made.withPolicy({ acls: acls('22'), groups }).withPolicy({ acls: acls('80'), groups });
    const later = against.withPolicy({ acls: acls('80') });
    const { revision } = against.state;
    expect(undoing(made, later)).toMatchObject({
      error: {
        code: 'revert.depended_on',
        message: expect.stringMatching(
          /edited since in the same place \(acls\[0\].*\): AclPublished \(revision \d+\)$/,
        ),
        later: [{ revision, type: 'AclPublished' }],
      },
    });
  });

  test('several events, the last first', () => {
    const renamed = (name: string) => ({ nodeId: nodeId('office'), name, pinned: true });
    const { events } = tailnet.with('NodeRenamed', renamed('a')).with('NodeRenamed', renamed('b'));
    expect(plan(events, events.length - 2, 2)).toEqual(
      ok([
        { type: 'RenameNode', data: { nodeId: nodeId('office'), name: 'a' } },
        { type: 'RenameNode', data: { nodeId: nodeId('office'), name: null } },
      ]),
    );
  });

  test('nothing, when it has been taken back already', () => {
    const made = tailnet.with('RouteApproved', { ...route, by: 'admin' });
    expect(undoing(made, made.with('RouteRevoked', { ...route, by: 'admin' }))).toEqual(ok([]));
  });
});

describe('what is not taken back', () => {
  test.each<[string, TailnetBuilder, string]>([
    ['a node that left', tailnet.with('NodeRemoved', { nodeId: nodeId('office'), reason: 'removed' }), 'join again'],
    ['a user who left', tailnet.with('UserRemoved', { userId: userId('bob') }), 'add the user again'],
    ['the first policy', aTailnet().withPolicy(OPEN), 'there was no policy before it'],
    ['the last owner', aTailnet().withUser('olga', 'owner'), 'is the last owner'],
    [
      'a tag on what was a person’s',
      tailnet.with('NodeTagged', { nodeId: nodeId('office'), tags: ['tag:x'] }),
      'log in',
    ],
    ['what the policy approved', tailnet.with('RouteApproved', { ...route, by: 'policy' }), 'follows from the policy'],
    [
      'an expired key whose time is over',
      tailnet.withNode('old', { user: 'bob', keyExpiresAt: 1 }).with('NodeExpired', { nodeId: nodeId('old') }),
      'not a time in the future',
    ],
  ])('%s', (_, made, why) => {
    expect(undoing(made)).toMatchObject({
      error: { code: 'revert.impossible', message: expect.stringContaining(why), later: [] },
    });
  });

  test.each<[string, TailnetBuilder, (made: TailnetBuilder) => TailnetBuilder, string]>([
    [
      'a role that was changed again',
      tailnet.with('UserRoleChanged', { userId: userId('bob'), role: 'admin' }),
      (made) => made.with('UserRoleChanged', { userId: userId('bob'), role: 'auditor' }),
      'UserRoleChanged',
    ],
    [
      'a node with a route that was approved since',
      aTailnet().withUser('bob', 'owner').withNode('office', { user: 'bob' }),
      (made) => made.withRoutes('office', ['10.0.0.0/8']),
      'RouteApproved',
    ],
    [
      'a node whose address stands in the policy',
      aTailnet().withUser('bob', 'owner').withNode('office', { user: 'bob' }),
      (made) => made.withPolicy({ hosts: { hq: '100.64.0.1' }, acls: [] }),
      'AclPublished',
    ],
    [
      'a user whose machine has joined',
      tailnet.withUser('eve'),
      (made) => made.withNode('hers', { user: 'eve' }),
      'NodeJoined',
    ],
    [
      'a user whom the policy names',
      tailnet.withUser('eve'),
      (made) => made.withPolicy({ acls: [{ action: 'accept', src: ['eve@example.com'], dst: ['*:22'] }] }),
      'AclPublished',
    ],
  ])('%s', (_, made, since, type) => {
    const later = since(made);
    expect(undoing(made, later)).toMatchObject({
      error: { code: 'revert.depended_on', later: [{ type, revision: later.state.revision }] },
    });
  });

  test('what no longer matters does not stand in the way', () => {
    const made = tailnet.withUser('eve');
    const gone = made
      .withNode('hers', { user: 'eve' })
      .with('NodeRemoved', { nodeId: nodeId('hers'), reason: 'removed' });
    expect(undoing(made, gone)).toEqual(ok([{ type: 'RemoveUser', data: { userId: userId('eve') } }]));
  });
});

/** What people see of a tailnet: not who decided when, nor what was revoked. */
const gist = ({ settings, users, groups, nodes, policy, dns, changes, authKeys, apiTokens }: TailnetState) => ({
  settings,
  dns,
  policy: policy.text,
  rules: changes.rules,
  users: users.map(({ login, role, suspended }) => ({ login, role, suspended })).toObject(),
  groups: groups.map((members) => members.toArray().sort()).toObject(),
  good: [...authKeys.values(), ...apiTokens.values()].filter(({ revoked }) => !revoked).map(({ id }) => id),
  nodes: nodes
    .map(({ name, namePinned, tags, userId, keyExpiresAt, expired, routes }) => ({
      ...{ name, namePinned, tags, userId, keyExpiresAt, expired },
      routes: [...routes]
        .filter(([, { approved }]) => approved)
        .map(([prefix]) => prefix)
        .sort(),
    }))
    .toObject(),
});

test('what any command did, and was taken back at once, has not happened', () => {
  const reverted = new Set<string>();
  const takeBackEach = ({ accepted, events, state }: History): void => {
    for (const [i, { envelope, before }] of accepted.entries()) {
      const end = (accepted[i + 1]?.before ?? state.revision) + 1;
      const done = events.slice(0, end);
      const count = end - before - 1;
      if (count === 0 || i % 3 !== 0) continue;
      const start = foldAll(done.slice(0, before + 1));
      const question = { before: start, events: done.slice(before + 1).map(flat), count, now: envelope.now };
      const found = planRevert(question);
      if (!found.ok) continue;
      const after = foldAll(done.slice(before + 1), start);
      const ran = runCommands(after, found.value, { actors: [{ kind: 'system', id: 'test' }], now: envelope.now });
      if (!ran.ok) throw new Error(ran.error.message);
      expect(gist(ran.value.state)).toEqual(gist(start));
      for (const { event } of done.slice(before + 1)) reverted.add(event.type);
    }
  };
  fc.assert(fc.property(arbitraryHistory({ steps: 90, minSteps: 60 }), takeBackEach), { numRuns: 20, seed: 1 });
  // Otherwise the law was about nothing.
  const often = [
    'AclPublished',
    'DnsConfigured',
    'GroupSynced',
    'NodeJoined',
    'NodeRenamed',
    'NodeTagged',
    'UserJoined',
  ];
  expect(often.filter((type) => !reverted.has(type))).toEqual([]);
  expect(reverted.size).toBeGreaterThan(8);
});
