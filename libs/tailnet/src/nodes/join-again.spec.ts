import { describe, expect, test } from '@jest/globals';
import { given, LATER } from '../testing/given.js';
import { joiningMachine } from '../testing/joining-machine.js';
import { sampleKey } from '../testing/sample-key.js';
import { type AuthKeyOptions, aTailnet } from '../testing/tailnet-builder.js';

const DAY = 86_400_000;
const policy = { tagOwners: { 'tag:web': ['alice@example.com'], 'tag:db': ['tag:web'] }, acls: [] };
const tailnet = aTailnet().withPolicy(policy).withUser('alice').withUser('bob');

const alice = { userId: 'user_alice' };
const key = { authKeyId: 'key_k', secretHash: sampleKey('k secret') };
const withKey = (options: AuthKeyOptions) => tailnet.withAuthKey('k', options);

describe('a machine that is a member asks again', () => {
  const member = given(withKey({ user: 'alice' })).when('JoinNode', joiningMachine('laptop', key));

  test('a retry is already so, though the key is used up by now, revoked or expired', () => {
    member.when('JoinNode', joiningMachine('laptop', key), { id: 'retry' }).thenNothing();
    member
      .when('RevokeAuthKey', { keyId: 'key_k' })
      .when('JoinNode', joiningMachine('laptop', key), { id: 'retry', at: LATER + DAY })
      .thenNothing();
  });

  test('a retry with a login, and one with tags, are already so', () => {
    given(tailnet)
      .when('JoinNode', joiningMachine('a', alice))
      .when('JoinNode', joiningMachine('a', alice), { id: 'retry' })
      .thenNothing();
    const tagged = { ...joiningMachine('a', alice), requestedTags: ['tag:web'] };
    given(tailnet).when('JoinNode', tagged).when('JoinNode', tagged, { id: 'retry' }).thenNothing();
  });

  test('a retry under a new hostname is told apart', () => {
    member
      .when('JoinNode', { ...joiningMachine('laptop', key), hostname: 'desk' }, { id: 'retry' })
      .thenEvents(
        ['HostnameChanged', { nodeId: 'node_laptop', hostname: 'desk', os: 'linux' }],
        ['NodeRenamed', { nodeId: 'node_laptop', name: 'desk', pinned: false }],
      );
  });

  test('with a new node key it logs in again, and keeps id, name and addresses', () => {
    const { state } = member
      .when('JoinNode', {
        ...joiningMachine('laptop', alice),
        nodeId: 'node_proposed',
        nodeKey: sampleKey('fresh'),
        ephemeral: true,
      })
      .thenEvents([
        'NodeReauthenticated',
        {
          nodeId: 'node_laptop',
          nodeKey: sampleKey('fresh'),
          hostname: 'laptop',
          os: 'linux',
          ...alice,
          tags: [],
          ephemeral: true,
          approved: true,
          keyExpiresAt: LATER + 180 * DAY,
        },
      ]);
    expect(state.nodes.get('node_laptop')).toMatchObject({ name: 'laptop', ipv4: '100.64.0.1' });
    expect([state.byNodeKey.size, state.byNodeKey.get(sampleKey('fresh'))]).toEqual([1, 'node_laptop']);
  });

  test('a used one-off key does not let it log in again', () => {
    member
      .when('JoinNode', { ...joiningMachine('laptop', key), nodeKey: sampleKey('fresh') })
      .thenRejected('auth_key.used');
  });

  test('after its key has expired it must log in, and is valid again', () => {
    const expired = member.when('ExpireNode', { nodeId: 'node_laptop' });
    expired.when('JoinNode', joiningMachine('laptop', key)).thenRejected('auth_key.used');
    const { state } = expired.when('JoinNode', joiningMachine('laptop', alice));
    expect(state.nodes.get('node_laptop')?.expired).toBe(false);
  });

  test('the node of a suspended user does not get in by a retry', () => {
    member
      .when('SuspendUser', alice)
      .when('JoinNode', joiningMachine('laptop', key), { id: 'retry' })
      .thenRejected('user.suspended');
  });

  test('as someone else it needs every approval again', () => {
    const router = tailnet.withNode('r', { user: 'alice', routes: ['10.0.0.0/8'] });
    const asBob = { ...joiningMachine('r', { userId: 'user_bob' }), nodeKey: sampleKey('fresh') };
    const { state } = given(router.withSettings({ deviceApproval: true })).when('JoinNode', asBob);
    expect(state.nodes.get('node_r')).toMatchObject({ userId: 'user_bob', approved: false });
    expect(state.nodes.get('node_r')?.routes.get('10.0.0.0/8')).toEqual({
      advertised: true,
      approved: false,
      by: undefined,
      inForceSince: -1,
    });
  });

  test('as the same it keeps its approvals', () => {
    const router = tailnet.withNode('r', { user: 'alice', routes: ['10.0.0.0/8'] });
    const again = { ...joiningMachine('r', alice), nodeKey: sampleKey('fresh') };
    const { state } = given(router.withSettings({ deviceApproval: true })).when('JoinNode', again);
    expect(state.nodes.get('node_r')?.approved).toBe(true);
    expect(state.nodes.get('node_r')?.routes.get('10.0.0.0/8')?.approved).toBe(true);
  });
});
