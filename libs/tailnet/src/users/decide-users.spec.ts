import { describe, expect, test } from '@jest/globals';
import { given } from '../testing/given.js';
import { aTailnet, theUser } from '../testing/tailnet-builder.js';

const staff = aTailnet()
  .withUser('olga', 'owner')
  .withUser('adam', 'admin')
  .withUser('ida', 'it-admin')
  .withUser('bob');
const bob = { userId: 'user_bob' };

describe('AddUser', () => {
  const carol = { userId: 'user_carol', login: ' Carol@Example.com', displayName: 'Carol', role: 'member' } as const;

  test('takes logins in lower case', () => {
    given(staff)
      .when('AddUser', carol)
      .thenEvents(['UserJoined', { ...carol, login: 'carol@example.com' }])
      .when('AddUser', carol)
      .thenNothing();
  });

  test('a login belongs to one user, and an id to one login', () => {
    given(staff)
      .when('AddUser', { ...carol, login: 'BOB@example.com' })
      .thenRejected('user.exists');
    given(staff)
      .when('AddUser', { ...carol, userId: 'user_bob' })
      .thenRejected('user.exists');
  });

  test('is named by the system, as whoever signs in is called there', () => {
    given(staff)
      .when('NameUser', { userId: 'user_bob', displayName: 'Bob' })
      .thenEvents(['UserNamed', { userId: 'user_bob', login: 'bob@example.com', displayName: 'Bob' }])
      .when('NameUser', { userId: 'user_bob', displayName: 'Bob' })
      .thenNothing();
    given(staff).when('NameUser', { userId: 'user_carol', displayName: 'Carol' }).thenRejected('user.unknown');
    given(staff).when('NameUser', { userId: 'user_bob', displayName: 'B\n' }).thenRejected('input.control_characters');
    given(staff)
      .when('NameUser', { userId: 'user_bob', displayName: 'B' }, { by: theUser('olga') })
      .thenRejected('auth.forbidden');
  });

  test('nobody makes someone above themselves', () => {
    given(staff)
      .when('AddUser', { ...carol, role: 'admin' }, { by: theUser('ida') })
      .thenRejected('auth.role_out_of_reach');
    given(staff)
      .when('AddUser', { ...carol, role: 'owner' }, { by: theUser('adam') })
      .thenRejected('auth.role_out_of_reach');
  });

  test.each(['carol', '', 'a b@c', 'carol@', `${'c'.repeat(255)}@example.com`])('the login %j is refused', (login) => {
    given(staff)
      .when('AddUser', { ...carol, login })
      .thenRejected('user.bad_login', { where: 'login' });
  });
});

describe('ChangeUserRole', () => {
  test('changes a role once', () => {
    given(staff)
      .when('ChangeUserRole', { ...bob, role: 'network-admin' }, { by: theUser('adam') })
      .thenEvents(['UserRoleChanged', { ...bob, role: 'network-admin' }])
      .when('ChangeUserRole', { ...bob, role: 'network-admin' })
      .thenNothing();
  });

  test('keeps to roles within reach, both the old and the new one', () => {
    const by = theUser('ida');
    given(staff)
      .when('ChangeUserRole', { ...bob, role: 'it-admin' }, { by })
      .thenRejected('auth.role_out_of_reach');
    given(staff)
      .when('ChangeUserRole', { userId: 'user_adam', role: 'member' }, { by })
      .thenRejected('auth.role_out_of_reach');
  });

  test('unknown users have no role', () => {
    given(staff).when('ChangeUserRole', { userId: 'nobody', role: 'member' }).thenRejected('user.unknown');
  });
});

describe('SuspendUser and ResumeUser', () => {
  test('take turns', () => {
    given(staff)
      .when('SuspendUser', bob)
      .thenEvents(['UserSuspended', bob])
      .when('SuspendUser', bob)
      .thenNothing()
      .when('ResumeUser', bob)
      .thenEvents(['UserResumed', bob])
      .when('ResumeUser', bob)
      .thenNothing();
  });

  test('need a user', () => {
    given(staff).when('SuspendUser', { userId: 'nobody' }).thenRejected('user.unknown');
    given(staff).when('ResumeUser', { userId: 'nobody' }).thenRejected('user.unknown');
  });

  test('a suspended user may do nothing, not even about their own nodes', () => {
    const tailnet = staff.withSuspendedUser('eve', 'admin').withNode('hers', { user: 'eve' });
    const hers = { nodeId: 'node_hers' };
    given(tailnet)
      .when('ExpireNode', hers, { by: theUser('eve') })
      .thenRejected('auth.suspended');
    given(tailnet)
      .when('AdvertiseRoutes', { ...hers, prefixes: [] }, { by: { kind: 'node', id: 'node_hers' } })
      .thenRejected('auth.suspended');
  });
});

describe('RemoveUser', () => {
  test('takes along what is theirs: nodes and auth keys, but not tagged nodes', () => {
    const tailnet = staff
      .withNode('laptop', { user: 'bob' })
      .withNode('server', { tags: ['tag:web'] })
      .withNode('other', { user: 'adam' })
      .withAuthKey('his', { user: 'bob' })
      .withAuthKey('gone', { user: 'bob' })
      .with('AuthKeyRevoked', { keyId: 'key_gone' });
    const { state } = given(tailnet)
      .when('RemoveUser', bob)
      .thenEvents(
        ['NodeRemoved', { nodeId: 'node_laptop', reason: 'user-removed' }],
        ['AuthKeyRevoked', { keyId: 'key_his' }],
        ['UserRemoved', bob],
      );
    expect([...state.nodes.keys()].sort()).toEqual(['node_other', 'node_server']);
    expect(state.userByLogin.has('bob@example.com')).toBe(false);
  });

  test('needs a user', () => {
    given(staff).when('RemoveUser', { userId: 'nobody' }).thenRejected('user.unknown');
  });
});

describe('ErasePerson', () => {
  test('removes the user first, and names only the key', () => {
    given(staff)
      .when('ErasePerson', { personId: 'p1', ...bob })
      .thenEvents(['UserRemoved', bob], ['PersonErased', { personId: 'p1' }])
      .when('ErasePerson', { personId: 'p1', ...bob })
      .thenNothing();
  });

  test('somebody who is no user, but is named in a policy or a group, can be erased too', () => {
    given(staff)
      .when('ErasePerson', { personId: 'p1' })
      .thenEvents(['PersonErased', { personId: 'p1' }]);
  });

  test('does not take the last owner away', () => {
    given(staff).when('ErasePerson', { personId: 'p1', userId: 'user_olga' }).thenRejected('user.last_owner');
    given(staff).when('ErasePerson', { personId: '' }).thenRejected('input.bad_id');
  });
});

describe('someone is left to run the tailnet', () => {
  const olga = { userId: 'user_olga' };
  const adam = { userId: 'user_adam' };
  const onlyAdam = aTailnet().withUser('adam', 'admin').withUser('bob');

  test('the last owner stays', () => {
    given(staff).when('RemoveUser', olga).thenRejected('user.last_owner');
    given(staff).when('SuspendUser', olga).thenRejected('user.last_owner');
    given(staff)
      .when('ChangeUserRole', { ...olga, role: 'admin' })
      .thenRejected('user.last_owner');
  });

  test('the last admin of a tailnet without owners stays, but may become its owner', () => {
    given(onlyAdam).when('RemoveUser', adam).thenRejected('user.last_admin');
    given(onlyAdam)
      .when('ChangeUserRole', { ...adam, role: 'it-admin' })
      .thenRejected('user.last_admin');
    given(onlyAdam)
      .when('ChangeUserRole', { ...adam, role: 'owner' })
      .thenEvents(['UserRoleChanged', { ...adam, role: 'owner' }]);
  });

  test('a suspended owner is no one to rely on', () => {
    given(staff.withSuspendedUser('oscar', 'owner')).when('RemoveUser', olga).thenRejected('user.last_owner');
    given(staff.withUser('oscar', 'owner')).when('RemoveUser', olga).thenEvents(['UserRemoved', olga]);
  });

  test('a suspended last owner may go', () => {
    const tailnet = aTailnet().withSuspendedUser('olga', 'owner');
    given(tailnet).when('RemoveUser', olga).thenEvents(['UserRemoved', olga]);
  });
});

describe('SyncGroup', () => {
  test('records the members once each, in order and in lower case', () => {
    const members = ['bob@example.com', 'Adam@Example.com', 'bob@example.com'];
    const { state } = given(staff)
      .when('SyncGroup', { group: 'group:eng', members })
      .thenEvents(['GroupSynced', { group: 'group:eng', members: ['adam@example.com', 'bob@example.com'] }])
      .when('SyncGroup', { group: 'group:eng', members: ['bob@example.com', 'adam@example.com'] })
      .thenNothing();
    expect(state.groupsByLogin.get('adam@example.com')?.toArray()).toEqual(['group:eng']);
  });

  test('without members the group is gone', () => {
    const { state } = given(staff.withGroup('group:eng', 'bob'))
      .when('SyncGroup', { group: 'group:eng', members: [] })
      .thenEvents(['GroupSynced', { group: 'group:eng', members: [] }]);
    expect([state.groups.size, state.groupsByLogin.size]).toEqual([0, 0]);
    given(staff).when('SyncGroup', { group: 'group:eng', members: [] }).thenNothing();
  });

  test('refuses what is no group or no login', () => {
    given(staff).when('SyncGroup', { group: 'eng', members: [] }).thenRejected('user.bad_group');
    given(staff)
      .when('SyncGroup', { group: 'group:eng', members: ['bob'] })
      .thenRejected('user.bad_login');
  });
});
