import { describe, expect, test } from '@jest/globals';
import { aTailnet, nodeId, type TailnetBuilder, userId } from '#tailnet/testing';
import { impactOf } from './impact.js';

const policy = (engineers: readonly string[], acls: readonly object[], more: object = {}) => ({
  groups: { 'group:eng': engineers.map((name) => `${name}@example.com`) },
  tagOwners: { 'tag:db': [], 'tag:web': [], 'tag:router': [] },
  hosts: { office: '10.1.0.0/16' },
  acls,
  ...more,
});
const toDb = { action: 'accept', proto: 'tcp', src: ['group:eng'], dst: ['tag:db:5432'] };
const toOffice = { action: 'accept', src: ['tag:web'], dst: ['office:443'] };
const toOwn = { action: 'accept', src: ['autogroup:member'], dst: ['autogroup:self:*'] };

const built = aTailnet()
  .withUser('ann')
  .withUser('bob')
  .withNode('ann-laptop', { user: 'ann' })
  .withNode('ann-phone', { user: 'ann' })
  .withNode('bob-laptop', { user: 'bob' })
  .withNode('db-1', { tags: ['tag:db'] })
  .withNode('db-2', { tags: ['tag:db'] })
  .withNode('web', { tags: ['tag:web'] })
  .withNode('router', { tags: ['tag:router'], routes: ['10.1.0.0/16'] })
  .withPolicy(policy(['ann', 'bob'], [toDb, toOffice, toOwn]));

const told = (from: TailnetBuilder, to: TailnetBuilder) => {
  const { lost, gained } = impactOf(from.state, to.state);
  return { lost: lost.map(({ text }) => text), gained: gained.map(({ text }) => text) };
};

describe('flows that are lost and gained', () => {
  test('nothing differs, nothing is told', () => {
    expect(impactOf(built.state, built.state)).toMatchObject({ changes: [], policy: [], lost: [], gained: [] });
  });

  test('a rule that goes takes its identities’ flows', () => {
    expect(told(built, built.withPolicy(policy(['ann', 'bob'], [toOffice, toOwn])))).toEqual({
      lost: ['group:eng → tag:db 5432/tcp (through acls[0])'],
      gained: [],
    });
  });

  test('who leaves a group is told by name, with the number of pairs', () => {
    const after = built.withPolicy(policy(['ann'], [toDb, toOffice, toOwn]));
    expect(told(built, after)).toEqual({ lost: ['bob-laptop → tag:db 5432/tcp (through acls[0])'], gained: [] });
    expect(impactOf(built.state, after.state)).toMatchObject({ lost: [{ pairs: 2 }], nodes: { count: 3 } });
  });

  test('a route that is revoked takes what lies behind it', () => {
    const after = built.with('RouteRevoked', { nodeId: nodeId('router'), prefix: '10.1.0.0/16', by: 'admin' });
    const { lost, prefixes, changes } = impactOf(built.state, after.state);
    expect(lost.map(({ text }) => text)).toEqual(['tag:web → office 443/tcp, 443/udp, icmp (through acls[1])']);
    expect(prefixes).toEqual(['10.1.0.0/16']);
    expect(changes).toEqual([
      { about: 'route', subject: '10.1.0.0/16 through router', what: 'is refused by an admin' },
    ]);
  });

  test('what is for machines of the same user is told as that', () => {
    expect(told(built, built.withPolicy(policy(['ann', 'bob'], [toDb, toOffice])))).toEqual({
      lost: ['ann-laptop and ann-phone → autogroup:self * (through acls[2])'],
      gained: [],
    });
    const moved = built.with('NodeTagged', { nodeId: nodeId('ann-phone'), tags: ['tag:web'] });
    expect(told(built, moved).lost).toContain('ann-laptop → ann-phone * (through acls[2])');
  });

  test('a suspended user loses what its machines had', () => {
    const { lost } = told(built, built.with('UserSuspended', { userId: userId('bob') }));
    expect(lost).toEqual(['bob-laptop → tag:db 5432/tcp (through acls[0])']);
  });
});

describe('the rest of an impact', () => {
  test('the policy’s lines, and the tests that fail', () => {
    const test = { tests: [{ src: 'ann@example.com', accept: ['tag:db:22'] }] };
    const text = JSON.stringify(policy(['ann', 'bob'], [toDb, toOffice, toOwn], test));
    const { changes, policy: lines, failingTests } = impactOf(built.state, built.withPolicy(text).state);
    expect(lines.map(({ kind }) => kind)).toEqual(['removed', 'added']);
    expect(changes).toEqual([{ about: 'policy', subject: 'policy', what: 'has 1 new line and lost 1' }]);
    expect(failingTests.map(({ message }) => message)).toEqual([
      'tests[0]: ann@example.com to tag:db:22 should be allowed, but would be denied',
    ]);
  });

  test('whose approval commands need', () => {
    const rule = { approvals: 2, role: 'network-admin' } as const;
    const ruled = built.with('ReviewRulesChanged', { rules: [{ ...rule, commands: ['PublishAcl', 'ApproveRoute'] }] });
    const fewer = ruled.with('ReviewRulesChanged', { rules: [{ ...rule, approvals: 1, commands: ['ApproveRoute'] }] });
    const impact = impactOf(ruled.state, fewer.state);
    expect(impact.changes).toEqual([
      {
        about: 'setting',
        subject: 'approvals for ApproveRoute',
        what: 'is 1 by network-admin or above, was 2 by network-admin or above',
      },
      { about: 'setting', subject: 'approvals for PublishAcl', what: 'is none, was 2 by network-admin or above' },
    ]);
    expect(impact.digest).not.toBe(impactOf(ruled.state, ruled.state).digest);
  });

  test('the digest follows the difference, and nothing else', () => {
    const change = (from: TailnetBuilder) => from.with('NodeRemoved', { nodeId: nodeId('db-1'), reason: 'removed' });
    const digest = (from: TailnetBuilder) => impactOf(from.state, change(from).state).digest;
    const elsewhere = built
      .withUser('cid')
      .withNode('cid-laptop', { user: 'cid' })
      .withPolicy(policy(['ann', 'bob'], [toDb, { ...toOffice, dst: ['office:80'] }, toOwn]));
    expect(digest(elsewhere)).toBe(digest(built));
    expect(digest(built.with('UserSuspended', { userId: userId('bob') }))).not.toBe(digest(built));
  });
});
