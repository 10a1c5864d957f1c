import { describe, expect, test } from '@jest/globals';
import { aTailnet, loginOf, nodeId, type TailnetBuilder, userId } from '#tailnet/testing';
import { given } from './testing/scenario.js';

const TAGS = { 'tag:web': [], 'tag:db': [], 'tag:gate': [], 'tag:lone': [] };
const acl = (src: string, ...dst: string[]) => ({ action: 'accept', src: [src], dst });
const policy = (...acls: object[]) => ({ tagOwners: TAGS, acls });

/** alice's laptop reaches the web servers, they reach the databases; a lone node has nothing to do with anyone. */
const office = aTailnet()
  .withUser('alice')
  .withUser('bob')
  .withPolicy(policy(acl(loginOf('alice'), 'tag:web:443'), acl('tag:web', 'tag:db:5432')))
  .withNode('laptop', { user: 'alice' })
  .withNode('web1', { tags: ['tag:web'] })
  .withNode('web2', { tags: ['tag:web'] })
  .withNode('db1', { tags: ['tag:db'] })
  .withNode('lone', { tags: ['tag:lone'] });

const on = (name: string) => ({ nodeId: nodeId(name) });
const everyone = ['laptop', 'web1', 'web2', 'db1', 'lone'];
const toldTo = (outcome: { told(name: string): string[] }, names = everyone) =>
  Object.fromEntries(names.map((name) => [name, outcome.told(name)]).filter(([, told]) => told?.length));

describe('a node', () => {
  test('that joins a group is one item more for those who see it, and nobody’s rules change', () => {
    const outcome = given(office).when((tailnet) => tailnet.withNode('db2', { tags: ['tag:db'] }));
    expect(toldTo(outcome)).toEqual({ web1: ['+ peer db2'], web2: ['+ peer db2'] });
    expect(outcome.affected).toEqual(['db2', 'web1', 'web2']);
    expect(outcome.told('db2')).toEqual([
      '+ self db2',
      '+ dns',
      '+ peer web1',
      '+ peer web2',
      '+ rule tag:web → tag:db:5432',
    ]);
  });

  test('is the same object for all who see it', () => {
    const outcome = given(office).when((tailnet) => tailnet.withNode('db2', { tags: ['tag:db'] }));
    expect(outcome.netmap('web1').get('peer/node_db2')).toBe(outcome.netmap('web2').get('peer/node_db2'));
  });

  test('that waits for approval is unseen and sees only itself, until it is approved', () => {
    const waiting = office.withNode('db2', { tags: ['tag:db'], approved: false });
    const joined = given(office).when(() => waiting);
    expect(toldTo(joined)).toEqual({});
    expect(joined.knows('db2')).toEqual(['self db2']);
    const approved = given(waiting).when((tailnet) => tailnet.with('NodeApproved', on('db2')));
    expect(toldTo(approved)).toEqual({ web1: ['+ peer db2'], web2: ['+ peer db2'] });
    expect(approved.told('db2')).toEqual([
      '~ self db2',
      '+ dns',
      '+ peer web1',
      '+ peer web2',
      '+ rule tag:web → tag:db:5432',
    ]);
  });

  test('that expires vanishes from others, and all but itself from it', () => {
    const outcome = given(office).when((tailnet) => tailnet.with('NodeExpired', on('web1')));
    expect(toldTo(outcome)).toEqual({
      laptop: ['- peer web1'],
      db1: ['- peer web1'],
      web1: ['- rule user:alice@example.com → tag:web:443', '- peer laptop', '- peer db1', '- dns', '~ self web1'],
    });
    expect(outcome.knows('web1')).toEqual(['self web1']);
  });

  test('that is removed loses everything, and others lose it', () => {
    const outcome = given(office).when((tailnet) =>
      tailnet.with('NodeRemoved', { ...on('laptop'), reason: 'removed' }),
    );
    expect(toldTo(outcome, ['web1', 'web2', 'db1', 'lone'])).toEqual({
      web1: ['- peer laptop'],
      web2: ['- peer laptop'],
    });
    expect(outcome.knows('laptop')).toEqual([]);
    expect(outcome.affected).toContain('laptop');
  });

  test('that rotates its key or is renamed is one item for those who see it', () => {
    const rotated = given(office).when((tailnet) =>
      tailnet.with('KeyRotated', { ...on('db1'), nodeKey: 'A'.repeat(43).concat('='), keyExpiresAt: null }),
    );
    expect(toldTo(rotated)).toEqual({ db1: ['~ self db1'], web1: ['~ peer db1'], web2: ['~ peer db1'] });
    const renamed = given(office).when((tailnet) =>
      tailnet.with('NodeRenamed', { ...on('db1'), name: 'store', pinned: true }),
    );
    expect(toldTo(renamed)).toEqual({ db1: ['~ self db1'], web1: ['~ peer db1'], web2: ['~ peer db1'] });
    expect(renamed.netmap('web1').get('peer/node_db1')).toMatchObject({ dnsName: 'store.test.netfold.internal' });
  });

  test('whose expiry moves is told alone', () => {
    const outcome = given(office).when((tailnet) =>
      tailnet.with('NodeExpiryChanged', { ...on('db1'), keyExpiresAt: 9 }),
    );
    expect(toldTo(outcome)).toEqual({ db1: ['~ self db1'] });
    expect(outcome.affected).toEqual(['db1']);
  });

  test('that changes its tags loses before it gains', () => {
    const outcome = given(office).when((tailnet) => tailnet.with('NodeTagged', { ...on('web1'), tags: ['tag:db'] }));
    expect(outcome.told('web1')).toEqual([
      '- rule user:alice@example.com → tag:web:443',
      '- peer laptop',
      '- peer db1',
      '~ self web1',
      '+ peer web2',
      '+ rule tag:web → tag:db:5432',
    ]);
    expect(outcome.told('laptop')).toEqual(['- peer web1']);
    expect(outcome.told('web2')).toEqual(['+ peer web1']);
    expect(outcome.told('lone')).toEqual([]);
  });
});

describe('a broken node', () => {
  const joined = { machineKey: 'm', hostname: 'x', os: 'linux', ephemeral: false, approved: true, keyExpiresAt: null };
  const good = { nodeKey: 'A'.repeat(43).concat('='), ipv4: '100.64.9.9', ipv6: 'fd7a:115c:a1e0::99' };

  test.each([
    ['address', { ...good, ipv4: 'nonsense' }, []],
    ['address of the wrong family', { ...good, ipv4: 'fd7a::1' }, []],
    ['key', { ...good, nodeKey: 'c2hvcnQ=' }, ['self bad']],
  ])('with a bad %s is left out of others’ netmaps, which stay as they are', (_, bad, known) => {
    const outcome = given(office).when((tailnet) =>
      tailnet.with('NodeJoined', { ...joined, ...bad, nodeId: 'node_bad', name: 'bad', tags: ['tag:web'] }),
    );
    expect(toldTo(outcome)).toEqual({});
    expect(outcome.knows('bad')).toEqual(known);
    expect(outcome.knows('db1')).toEqual(['dns', 'peer web1', 'peer web2', 'rule tag:web → tag:db:5432', 'self db1']);
  });

  test('with a prefix that is none keeps its other routes', () => {
    const open = aTailnet()
      .withPolicy(policy(acl('*', '*:*')))
      .withNode('a', { tags: ['tag:web'] });
    const outcome = given(open).when((tailnet) =>
      tailnet.withNode('gate', { tags: ['tag:gate'], routes: ['nonsense', '10.1.0.0/16'] }),
    );
    expect(outcome.told('a')).toEqual(['+ peer gate', '+ route 10.1.0.0/16 via gate']);
  });
});

describe('people', () => {
  test('a suspended user’s nodes vanish, and come back with the user', () => {
    const suspend = (tailnet: TailnetBuilder) => tailnet.with('UserSuspended', { userId: userId('alice') });
    const suspended = given(office).when(suspend);
    expect(toldTo(suspended)).toMatchObject({ web1: ['- peer laptop'], web2: ['- peer laptop'] });
    expect(suspended.knows('laptop')).toEqual(['self laptop']);
    const resumed = given(suspend(office)).when((tailnet) => tailnet.with('UserResumed', { userId: userId('alice') }));
    expect(toldTo(resumed)).toEqual({
      laptop: ['~ self laptop', '+ dns', '+ peer web1', '+ peer web2'],
      web1: ['+ peer laptop'],
      web2: ['+ peer laptop'],
    });
  });

  test('who is synced into a group gains what the group has, and who leaves loses it', () => {
    const grouped = office
      .withGroup('group:ops', 'bob')
      .withPolicy(policy(acl('group:ops', 'tag:db:22')))
      .withNode('phone', { user: 'bob' });
    const outcome = given(grouped).when((tailnet) => tailnet.withGroup('group:ops', 'alice'));
    expect(toldTo(outcome, [...everyone, 'phone'])).toEqual({
      phone: ['- peer db1', '~ self phone'],
      laptop: ['~ self laptop', '+ peer db1'],
      db1: ['- peer phone', '+ peer laptop'],
    });
  });

  test('see their own nodes, and nobody else’s, where the policy says so', () => {
    const own = aTailnet()
      .withUser('alice')
      .withUser('bob')
      .withPolicy(policy(acl('autogroup:member', 'autogroup:self:*')))
      .withNode('laptop', { user: 'alice' })
      .withNode('phone', { user: 'bob' })
      .withNode('server', { tags: ['tag:web'] });
    const outcome = given(own).when((tailnet) => tailnet.withNode('tablet', { user: 'alice' }));
    expect(toldTo(outcome, ['laptop', 'phone', 'server'])).toEqual({ laptop: ['+ peer tablet'] });
    expect(outcome.affected).toEqual(['laptop', 'tablet']);
  });
});

describe('a policy', () => {
  test('with fewer ports replaces the rule where it applies, and touches no peer', () => {
    const outcome = given(office).when((tailnet) =>
      tailnet.withPolicy(policy(acl(loginOf('alice'), 'tag:web:80'), acl('tag:web', 'tag:db:5432'))),
    );
    const told = ['- rule user:alice@example.com → tag:web:443', '+ rule user:alice@example.com → tag:web:80'];
    expect(toldTo(outcome)).toEqual({ web1: told, web2: told });
    expect(outcome.affected).toEqual(['web1', 'web2']);
  });

  test('without a rule takes it away before the peers that it let in', () => {
    const outcome = given(office).when((tailnet) => tailnet.withPolicy(policy(acl('tag:web', 'tag:db:5432'))));
    expect(outcome.told('web1')).toEqual(['- rule user:alice@example.com → tag:web:443', '- peer laptop']);
    expect(outcome.told('laptop')).toEqual(['- peer web1', '- peer web2', '~ self laptop']);
    expect(outcome.told('db1')).toEqual([]);
  });

  test('that leads elsewhere tells the senders, though nothing about themselves changed', () => {
    const outcome = given(office).when((tailnet) =>
      tailnet.withPolicy(
        policy(acl(loginOf('alice'), 'tag:db:443'), acl('tag:web', 'tag:db:5432'), acl('tag:db', 'tag:web:1')),
      ),
    );
    expect(outcome.told('laptop')).toEqual(['- peer web1', '- peer web2', '+ peer db1']);
    expect(outcome.affected).toEqual(['db1', 'laptop', 'web1', 'web2']);
  });

  test('that opens one’s own nodes tells also those that none of the others may reach', () => {
    // The laptop may reach the tablet, and the tablet not it.
    const laptop = office.state.nodes.get(nodeId('laptop'));
    const acls = (...users: string[]) => [
      { action: 'accept', src: users, dst: ['autogroup:self:22'] },
      { action: 'drop', src: ['*'], dst: [`${laptop?.ipv4}:*`, `[${laptop?.ipv6}]:*`] },
      acl(loginOf('alice'), 'tag:lone:1'),
    ];
    const closed = policy(...acls(loginOf('bob')));
    const opened = policy(...acls(loginOf('bob'), loginOf('alice')));
    const home = office.withNode('tablet', { user: 'alice' });
    const opening = given(home.withPolicy(closed)).when((tailnet) => tailnet.withPolicy(opened));
    expect(opening.told('laptop')).toEqual(['+ peer tablet']);
    expect(opening.told('tablet')).toContain('+ peer laptop');
    expect(opening.affected).toContain('laptop');
    const closing = given(home.withPolicy(opened)).when((tailnet) => tailnet.withPolicy(closed));
    expect(closing.told('laptop')).toEqual(['- peer tablet']);
    expect(closing.affected).toContain('laptop');
  });

  test('that says the same in other words concerns nobody', () => {
    const outcome = given(office).when((tailnet) => {
      const { text } = tailnet.state.policy;
      return tailnet.withPolicy(`// the same\n${text}`);
    });
    expect(outcome.affected).toEqual([]);
  });

  test('that names more of what nodes are tells those who see them', () => {
    const outcome = given(office).when((tailnet) =>
      tailnet.withPolicy(
        policy(acl(loginOf('alice'), 'tag:web:443'), acl('tag:web', 'tag:db:5432'), acl('tag:db', 'tag:lone:1')),
      ),
    );
    expect(toldTo(outcome)).toEqual({
      web1: ['~ peer db1'],
      web2: ['~ peer db1'],
      db1: ['+ peer lone'],
      lone: ['~ self lone', '+ peer db1', '+ rule tag:db → tag:lone:1'],
    });
  });
});

describe('names', () => {
  test('resolve for everyone by the same item', () => {
    const outcome = given(office).when((tailnet) =>
      tailnet.with('DnsConfigured', { ...tailnet.state.dns, nameservers: ['9.9.9.9'] }),
    );
    expect(toldTo(outcome)).toEqual(Object.fromEntries(everyone.map((name) => [name, ['~ dns']])));
    expect(outcome.netmap('db1').get('dns/tailnet')).toBe(outcome.netmap('lone').get('dns/tailnet'));
  });
});
