import { describe, expect, test } from '@jest/globals';
import { aTailnet, nodeId, userId } from '#tailnet/testing';
import { explainReach } from './explain-reach.js';
import { reachableFrom, whoReaches } from './reach-list.js';

const built = aTailnet()
  .withUser('ann')
  .withUser('bob')
  .withUser('eve')
  .withNode('laptop', { user: 'ann' })
  .withNode('phone', { user: 'bob' })
  .withNode('db', { tags: ['tag:db'] })
  .withNode('router', { tags: ['tag:router'], routes: ['10.1.0.0/16'] })
  .withNode('spare', { tags: ['tag:router'], routes: ['10.1.0.0/16'] })
  .withNode('exit', { tags: ['tag:router'], routes: ['0.0.0.0/0'] })
  .withPolicy({
    groups: { 'group:eng': ['ann@example.com', 'eve@example.com'] },
    tagOwners: { 'tag:db': [], 'tag:router': [] },
    hosts: { printer: '10.1.0.7' },
    acls: [
      { action: 'accept', proto: 'tcp', src: ['group:eng'], dst: ['tag:db:5432', '10.1.0.0/16:80'] },
      { action: 'accept', proto: 'tcp', src: ['tag:db'], dst: ['autogroup:internet:443'] },
    ],
  });
const { state } = built;
const TCP = 6;
const ask = (src: string, dst: string, port: number, at = state) => explainReach(at, { src, dst, port, protocol: TCP });

describe('explainReach', () => {
  test('a machine to a machine, with what it belongs to', () => {
    expect(ask('laptop', 'db', 5432)).toMatchObject({
      allowed: true,
      summary: 'laptop to db:5432/tcp is allowed by acls[0]',
      rule: { name: 'acls[0]', because: 'group:eng (which holds ann@example.com) may reach tag:db:5432' },
      policySince: state.revision,
      obstacles: [],
      route: null,
      identities: { laptop: ['ann@example.com', 'group:eng', 'autogroup:member'], db: ['autogroup:tagged', 'tag:db'] },
    });
    expect(ask('phone', 'db', 5432)).toMatchObject({ allowed: false, obstacles: [] });
  });

  test('an address behind a router: which, by whom approved, since when, and who stands in', () => {
    const route = { prefix: '10.1.0.0/16', router: 'router', approvedBy: 'admin', standby: ['spare'] };
    expect(ask('laptop', 'printer', 80)).toMatchObject({ allowed: true, route });
    expect(ask('laptop', '10.1.2.3', 80)).toMatchObject({ allowed: true, route });
    expect(ask('router', '10.1.2.3', 80)).toMatchObject({ allowed: false });
  });

  test('what the policy allows and the network does not', () => {
    const obstaclesOf = (at: typeof built, src: string, dst: string, port: number) =>
      ask(src, dst, port, at.state).obstacles;
    const expired = built.with('NodeExpired', { nodeId: nodeId('laptop') });
    expect(obstaclesOf(expired, 'laptop', 'db', 5432)).toEqual(['the key of laptop has expired']);
    const suspended = built.with('UserSuspended', { userId: userId('ann') });
    expect(obstaclesOf(suspended, 'laptop', 'db', 5432)).toEqual(['ann@example.com, who owns laptop, is suspended']);
    const withdrawn = ['router', 'spare', 'exit'].reduce(
      (at, name) => at.with('NodeRemoved', { nodeId: nodeId(name), reason: 'removed' }),
      built,
    );
    expect(ask('laptop', 'printer', 80, withdrawn.state)).toMatchObject({
      allowed: false,
      summary: 'laptop to printer:80/tcp is allowed by acls[0]; but no machine routes to printer',
    });
  });

  test('somebody without a machine is asked about as if there were one', () => {
    expect(ask('eve@example.com', 'db', 5432)).toMatchObject({ allowed: true });
  });

  test('a name that means nothing', () => {
    expect(() => ask('nobody', 'db', 22)).toThrow('"nobody" is no node');
  });
});

describe('who reaches something, and what something reaches', () => {
  test('everyone, by identity, with those who have no machine', () => {
    expect(whoReaches(state, { dst: 'db', port: 5432, protocol: TCP })).toMatchObject({
      entries: [{ from: { text: 'group:eng' }, services: ['5432/tcp'], through: ['acls[0]'] }],
      machines: ['laptop'],
      users: ['ann@example.com'],
      tags: [],
      absent: ['eve@example.com'],
    });
    expect(whoReaches(state, { dst: 'printer', port: 80, protocol: TCP })).toMatchObject({
      entries: [{ to: { text: 'printer' } }],
      machines: ['laptop'],
    });
    expect(whoReaches(state, { dst: '8.8.8.8', port: 443, protocol: TCP })).toMatchObject({
      entries: [{ from: { text: 'tag:db' }, to: { text: '8.8.8.8 through exit' } }],
    });
    expect(whoReaches(state, { dst: 'db', port: 22, protocol: TCP })).toMatchObject({ entries: [], machines: [] });
  });

  test('all that a machine reaches', () => {
    expect(reachableFrom(state, 'laptop').entries.map(({ text }) => text)).toEqual([
      'group:eng → 10.1.0.0/16 80/tcp (through acls[0])',
      'group:eng → tag:db 5432/tcp (through acls[0])',
    ]);
    expect(reachableFrom(state, 'phone')).toEqual({ entries: [], isComplete: true });
    expect(() => reachableFrom(state, 'tag:none')).toThrow('"tag:none" is no node');
  });
});
