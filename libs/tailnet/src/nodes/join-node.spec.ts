import { describe, expect, test } from '@jest/globals';
import { given, LATER } from '../testing/given.js';
import { joiningMachine } from '../testing/joining-machine.js';
import { sampleKey } from '../testing/sample-key.js';
import { type AuthKeyOptions, aTailnet, theNode, theUser } from '../testing/tailnet-builder.js';

const DAY = 86_400_000;
const policy = { tagOwners: { 'tag:web': ['alice@example.com'], 'tag:db': ['tag:web'] }, acls: [] };
const tailnet = aTailnet().withPolicy(policy).withUser('alice').withUser('bob');

const alice = { userId: 'user_alice' };
const key = { authKeyId: 'key_k', secretHash: sampleKey('k secret') };
const withKey = (options: AuthKeyOptions) => tailnet.withAuthKey('k', options);

const joined = {
  nodeId: 'node_laptop',
  machineKey: sampleKey('laptop machine'),
  nodeKey: sampleKey('laptop node'),
  name: 'laptop',
  hostname: 'laptop',
  os: 'linux',
  tags: [] as string[],
  ipv4: '100.64.0.1',
  ipv6: 'fd7a:115c:a1e0::6440:1',
  ephemeral: false,
  approved: true,
  keyExpiresAt: LATER + 180 * DAY,
};

describe('a machine joins with a login', () => {
  test('as its user, with addresses, a name and a key that expires', () => {
    given(tailnet)
      .when('JoinNode', joiningMachine('laptop', alice), { by: theUser('alice') })
      .thenEvents(['NodeJoined', { ...joined, ...alice }]);
  });

  test('nobody joins as someone else', () => {
    given(tailnet)
      .when('JoinNode', joiningMachine('x', alice), { by: theUser('bob') })
      .thenRejected('auth.forbidden');
    given(tailnet)
      .when('JoinNode', joiningMachine('x', alice), { by: theNode('x') })
      .thenRejected('auth.forbidden');
  });

  test('with tags of which the user is the owner it belongs to no one, and its key stays valid', () => {
    given(tailnet)
      .when('JoinNode', { ...joiningMachine('laptop', alice), requestedTags: ['tag:web', 'tag:web'] })
      .thenEvents(['NodeJoined', { ...joined, tags: ['tag:web'], keyExpiresAt: null }]);
  });

  test('not with tags of others, nor with tags that nobody declared', () => {
    const bob = { userId: 'user_bob' };
    given(tailnet)
      .when('JoinNode', { ...joiningMachine('x', bob), requestedTags: ['tag:web'] })
      .thenRejected('tag.not_permitted', { where: 'tag:web' });
    given(tailnet)
      .when('JoinNode', { ...joiningMachine('x', alice), requestedTags: ['tag:nope'] })
      .thenRejected('tag.undeclared', { where: 'tag:nope' });
  });

  test('needs a user who is not suspended', () => {
    given(tailnet.withSuspendedUser('eve'))
      .when('JoinNode', joiningMachine('x', { userId: 'user_eve' }))
      .thenRejected('user.suspended');
    given(tailnet)
      .when('JoinNode', joiningMachine('x', { userId: 'nobody' }))
      .thenRejected('user.unknown');
  });

  test('waits for approval where the tailnet wants it', () => {
    given(tailnet.withSettings({ deviceApproval: true, keyExpiry: null }))
      .when('JoinNode', joiningMachine('laptop', alice))
      .thenEvents(['NodeJoined', { ...joined, ...alice, approved: false, keyExpiresAt: null }]);
  });
});

describe('a machine joins with an auth key', () => {
  test('as the user whom the key is for', () => {
    given(withKey({ user: 'alice' }))
      .when('JoinNode', joiningMachine('laptop', key), { by: theNode('laptop') })
      .thenEvents(['NodeJoined', { ...joined, ...alice, authKeyId: 'key_k' }]);
  });

  test('with all tags of the key, or those of them that it asks for', () => {
    const tagged = withKey({ tags: ['tag:ci', 'tag:web'], reusable: true });
    const { state } = given(tagged)
      .when('JoinNode', joiningMachine('a', key))
      .when('JoinNode', { ...joiningMachine('b', key), requestedTags: ['tag:ci'] })
      .when('JoinNode', { ...joiningMachine('c', key), requestedTags: ['tag:db'] });
    expect(state.nodes.map(({ tags }) => tags).toObject()).toEqual({
      node_a: ['tag:ci', 'tag:web'],
      node_b: ['tag:ci'],
      node_c: ['tag:db'], // tag:web is its owner
    });
    given(tagged)
      .when('JoinNode', { ...joiningMachine('d', key), requestedTags: ['tag:prod'] })
      .thenRejected('tag.not_permitted', { where: 'tag:prod' });
  });

  test('an ephemeral key makes ephemeral nodes, a preapproved one approved nodes', () => {
    const { state } = given(
      withKey({ user: 'alice', ephemeral: true, preapproved: true }).withSettings({ deviceApproval: true }),
    ).when('JoinNode', joiningMachine('laptop', key));
    expect(state.nodes.get('node_laptop')).toMatchObject({ ephemeral: true, approved: true });
  });

  test('a one-off key is good for one machine, a reusable one for many', () => {
    given(withKey({ user: 'alice' }))
      .when('JoinNode', joiningMachine('a', key))
      .when('JoinNode', joiningMachine('b', key))
      .thenRejected('auth_key.used');
    const { state } = given(withKey({ user: 'alice', reusable: true }))
      .when('JoinNode', joiningMachine('a', key))
      .when('JoinNode', joiningMachine('b', key));
    expect([state.nodes.size, state.authKeys.get('key_k')?.uses]).toEqual([2, 2]);
  });

  test('an expired key is not good, up to the millisecond', () => {
    const expiring = withKey({ user: 'alice', expiresAt: LATER });
    given(expiring).when('JoinNode', joiningMachine('a', key)).thenRejected('auth_key.expired');
    const { state } = given(expiring).when('JoinNode', joiningMachine('a', key), { at: LATER - 1 });
    expect(state.nodes.size).toBe(1);
  });

  test('a revoked key is not good', () => {
    given(withKey({ user: 'alice' }).with('AuthKeyRevoked', { keyId: 'key_k' }))
      .when('JoinNode', joiningMachine('a', key))
      .thenRejected('auth_key.revoked');
  });

  test('a wrong id and a wrong secret look the same', () => {
    const wrong = { ...key, secretHash: sampleKey('a guess') };
    const message = 'this auth key is not one of this tailnet';
    given(tailnet).when('JoinNode', joiningMachine('a', key)).thenRejected('auth_key.unknown', { message });
    given(withKey({ user: 'alice' }))
      .when('JoinNode', joiningMachine('a', wrong))
      .thenRejected('auth_key.unknown', { message });
    given(withKey({ user: 'alice' }))
      .when('JoinNode', joiningMachine('a', { ...key, secretHash: '%' }))
      .thenRejected('auth_key.unknown');
  });

  test('the key of a suspended user is not good', () => {
    given(tailnet.withSuspendedUser('eve').withAuthKey('k', { user: 'eve' }))
      .when('JoinNode', joiningMachine('a', key))
      .thenRejected('user.suspended');
  });
});

describe('names and addresses', () => {
  test('a name that is taken gets a number', () => {
    const { state } = given(tailnet)
      .when('JoinNode', { ...joiningMachine('a', alice), hostname: 'My Host' })
      .when('JoinNode', { ...joiningMachine('b', alice), hostname: 'my_host' })
      .when('JoinNode', { ...joiningMachine('c', alice), hostname: 'my-host' });
    expect(state.nodes.map(({ name }) => name).toObject()).toEqual({
      node_a: 'my-host',
      node_b: 'my-host-1',
      node_c: 'my-host-2',
    });
  });

  test('an address that was given back is not the next to be given out', () => {
    const { state } = given(tailnet.withNode('a', { user: 'alice' }))
      .when('RemoveNode', { nodeId: 'node_a', reason: 'removed' })
      .when('JoinNode', joiningMachine('b', alice));
    expect(state.nodes.get('node_b')?.ipv4).toBe('100.64.0.2');
  });

  test('out of the pool that the policy gives it, beside which the others go on as before', () => {
    const nodeAttrs = [{ target: ['tag:web'], ipPool: ['100.80.0.1/32', '100.81.0.0/24'] }];
    const web = { requestedTags: ['tag:web'] };
    const pooled = tailnet.withPolicy({ ...policy, nodeAttrs }).withNode('first', { user: 'alice' });
    const addressOf = ({ state }: ReturnType<typeof given>, name: string) => state.nodes.get(`node_${name}`)?.ipv4;
    const one = given(pooled).when('JoinNode', { ...joiningMachine('one', alice), ...web });
    const two = one.when('JoinNode', { ...joiningMachine('two', alice), ...web });
    const three = two.when('JoinNode', joiningMachine('three', alice));
    expect(['one', 'two', 'three'].map((name) => addressOf(three, name))).toEqual([
      '100.80.0.1',
      '100.81.0.1',
      '100.64.0.2',
    ]);
  });

  test('an exhausted pool is a clear refusal, until a node goes', () => {
    const full = tailnet.withSettings({ ipv4Pool: '100.64.9.252/30' }).withNode('a').withNode('b').withNode('c');
    expect(full.state.nodes.get('node_c')?.ipv4).toBe('100.64.9.254');
    given(full)
      .when('JoinNode', joiningMachine('d', alice))
      .thenRejected('pool.exhausted')
      .when('RemoveNode', { nodeId: 'node_b', reason: 'removed' })
      .when('JoinNode', joiningMachine('d', alice))
      .thenEvents([
        'NodeJoined',
        {
          ...joined,
          ...alice,
          nodeId: 'node_d',
          machineKey: sampleKey('d machine'),
          nodeKey: sampleKey('d node'),
          name: 'd',
          hostname: 'd',
          ipv4: '100.64.9.253',
          ipv6: 'fd7a:115c:a1e0::6440:9fd',
        },
      ]);
  });
});

describe('keys and ids', () => {
  const withNode = tailnet.withNode('a', { user: 'alice' });

  test('a node key belongs to one machine', () => {
    given(withNode)
      .when('JoinNode', { ...joiningMachine('b', alice), nodeKey: sampleKey('a node') })
      .thenRejected('node.wrong_machine_key', { where: 'machineKey' });
  });

  test('an id belongs to one machine', () => {
    given(withNode)
      .when('JoinNode', { ...joiningMachine('b', alice), nodeId: 'node_a' })
      .thenRejected('node.id_taken', { where: 'nodeId' });
  });

  test.each([
    [{ nodeId: 'a b' }, 'input.bad_id', 'nodeId'],
    [{ machineKey: 'short' }, 'input.bad_key', 'machineKey'],
    [{ nodeKey: 'A'.repeat(43).concat('=') }, 'input.bad_key', 'nodeKey'],
    [{ hostname: 'x'.repeat(256) }, 'input.too_long', 'hostname'],
    [{ os: 'linux\u0000' }, 'input.control_characters', 'os'],
  ])('%j is refused', (bad, code, where) => {
    given(tailnet)
      .when('JoinNode', { ...joiningMachine('a', alice), ...bad })
      .thenRejected(code, { where });
  });
});
