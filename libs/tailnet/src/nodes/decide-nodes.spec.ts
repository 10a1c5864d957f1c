import { describe, expect, test } from '@jest/globals';
import { given, LATER } from '../testing/given.js';
import { sampleKey } from '../testing/sample-key.js';
import { aTailnet, theNode, theUser } from '../testing/tailnet-builder.js';

const policy = { tagOwners: { 'tag:web': ['alice@example.com'], 'tag:db': ['autogroup:admin'] }, acls: [] };
const tailnet = aTailnet()
  .withPolicy(policy)
  .withUser('olga', 'owner')
  .withUser('alice')
  .withNode('laptop', { user: 'alice', keyExpiresAt: LATER + 1000 })
  .withNode('server', { tags: ['tag:db'] });
const laptop = { nodeId: 'node_laptop' };
const nowhere = { nodeId: 'node_nowhere' };

describe('ApproveNode', () => {
  test('approves once', () => {
    given(tailnet.withNode('new', { user: 'alice', approved: false }))
      .when('ApproveNode', { nodeId: 'node_new' })
      .thenEvents(['NodeApproved', { nodeId: 'node_new' }])
      .when('ApproveNode', { nodeId: 'node_new' })
      .thenNothing();
    given(tailnet).when('ApproveNode', nowhere).thenRejected('node.unknown');
  });
});

describe('RenameNode', () => {
  test('gives a name that stays when the hostname changes', () => {
    given(tailnet)
      .when('RenameNode', { ...laptop, name: 'desk' }, { by: theUser('alice') })
      .thenEvents(['NodeRenamed', { ...laptop, name: 'desk', pinned: true }])
      .when('RenameNode', { ...laptop, name: 'desk' })
      .thenNothing()
      .when('SetHostname', { ...laptop, hostname: 'other', os: 'linux' })
      .thenEvents(['HostnameChanged', { ...laptop, hostname: 'other', os: 'linux' }])
      .when('RenameNode', { ...laptop, name: null })
      .thenEvents(['NodeRenamed', { ...laptop, name: 'other', pinned: false }])
      .when('RenameNode', { ...laptop, name: null })
      .thenNothing();
  });

  test('the name that it has already can be made to stay', () => {
    given(tailnet)
      .when('RenameNode', { ...laptop, name: 'laptop' })
      .thenEvents(['NodeRenamed', { ...laptop, name: 'laptop', pinned: true }]);
  });

  test('says who has a name that is taken', () => {
    given(tailnet)
      .when('RenameNode', { ...laptop, name: 'server' })
      .thenRejected('node.name_taken', { message: 'the name server belongs to node_server (100.64.0.2, tag:db)' });
    given(tailnet).when('RenameNode', { nodeId: 'node_server', name: 'laptop' }).thenRejected('node.name_taken', {
      message: 'the name laptop belongs to node_laptop (100.64.0.1, alice@example.com)',
    });
  });

  test.each(['My Laptop', '', 'a.b', '-'])('%j is no name', (name) => {
    given(tailnet)
      .when('RenameNode', { ...laptop, name })
      .thenRejected('node.bad_name', { where: 'name' });
  });

  test('needs a node', () => {
    given(tailnet)
      .when('RenameNode', { ...nowhere, name: 'x' })
      .thenRejected('node.unknown');
  });
});

describe('SetHostname', () => {
  const hostname = (name: string) => ({ ...laptop, hostname: name, os: 'linux' });

  test('the name follows the hostname', () => {
    given(tailnet)
      .when('SetHostname', hostname('Server'), { by: theNode('laptop') })
      .thenEvents(
        ['HostnameChanged', hostname('Server')],
        ['NodeRenamed', { ...laptop, name: 'server-1', pinned: false }],
      )
      .when('SetHostname', hostname('Server'))
      .thenNothing();
  });

  test('a name that the hostname still comes to is left alone', () => {
    given(tailnet)
      .when('SetHostname', hostname('LAPTOP'))
      .thenEvents(['HostnameChanged', hostname('LAPTOP')]);
  });

  test('refuses what cannot be shown, and needs a node', () => {
    given(tailnet).when('SetHostname', hostname('a\u001b[2J')).thenRejected('input.control_characters');
    given(tailnet)
      .when('SetHostname', { ...nowhere, hostname: '', os: '' })
      .thenRejected('node.unknown');
  });
});

describe('TagNode', () => {
  test('a tagged node belongs to no one and its key does not expire', () => {
    const { state } = given(tailnet)
      .when('TagNode', { ...laptop, tags: ['tag:web', 'tag:db', 'tag:web'] })
      .thenEvents(['NodeTagged', { ...laptop, tags: ['tag:db', 'tag:web'] }])
      .when('TagNode', { ...laptop, tags: ['tag:web', 'tag:db'] })
      .thenNothing();
    expect(state.nodes.get('node_laptop')).toMatchObject({ userId: undefined, keyExpiresAt: null });
  });

  test('users tag their own nodes with the tags they own', () => {
    const by = theUser('alice');
    given(tailnet)
      .when('TagNode', { ...laptop, tags: ['tag:web'] }, { by })
      .thenEvents(['NodeTagged', { ...laptop, tags: ['tag:web'] }]);
    given(tailnet)
      .when('TagNode', { ...laptop, tags: ['tag:db'] }, { by })
      .thenRejected('tag.not_permitted', { where: 'tag:db' });
    given(tailnet)
      .when('TagNode', { nodeId: 'node_server', tags: ['tag:web'] }, { by })
      .thenRejected('auth.forbidden');
  });

  test('refuses tags that the policy does not know, and to make a node nobody', () => {
    given(tailnet)
      .when('TagNode', { ...laptop, tags: ['web'] })
      .thenRejected('tag.undeclared', { where: 'web' });
    given(tailnet).when('TagNode', { nodeId: 'node_server', tags: [] }).thenRejected('node.no_identity');
    given(tailnet)
      .when('TagNode', { ...laptop, tags: [] })
      .thenNothing();
    given(tailnet)
      .when('TagNode', { ...nowhere, tags: [] })
      .thenRejected('node.unknown');
  });
});

describe('RotateKey', () => {
  const fresh = { ...laptop, nodeKey: sampleKey('fresh') };

  test('changes the key and nothing else: neither addresses nor expiry', () => {
    const before = tailnet.state.nodes.get('node_laptop');
    const { state } = given(tailnet)
      .when('RotateKey', fresh, { by: theNode('laptop') })
      .thenEvents(['KeyRotated', { ...fresh, keyExpiresAt: LATER + 1000 }])
      .when('RotateKey', fresh, { by: theNode('laptop') })
      .thenNothing();
    expect(state.nodes.get('node_laptop')).toEqual({ ...before, nodeKey: fresh.nodeKey, keySince: LATER });
    expect(state.byNodeKey.has(sampleKey('laptop node'))).toBe(false);
  });

  test('is for the node itself', () => {
    given(tailnet)
      .when('RotateKey', fresh, { by: theNode('server') })
      .thenRejected('auth.forbidden');
    given(tailnet)
      .when('RotateKey', fresh, { by: theUser('olga') })
      .thenRejected('auth.forbidden');
  });

  test('does not get around an expiry', () => {
    given(tailnet.with('NodeExpired', laptop))
      .when('RotateKey', fresh, { by: theNode('laptop') })
      .thenRejected('node.expired');
  });

  test('refuses the key of another node and what is no key', () => {
    given(tailnet)
      .when('RotateKey', { ...laptop, nodeKey: sampleKey('server node') })
      .thenRejected('node.key_taken');
    given(tailnet)
      .when('RotateKey', { ...laptop, nodeKey: 'no' })
      .thenRejected('input.bad_key', { where: 'nodeKey' });
    given(tailnet)
      .when('RotateKey', { ...nowhere, nodeKey: sampleKey('fresh') })
      .thenRejected('node.unknown');
  });
});

describe('expiry', () => {
  test('ExpireNode takes effect once, whatever the date says', () => {
    given(tailnet)
      .when('ExpireNode', laptop, { by: theNode('laptop') })
      .thenEvents(['NodeExpired', laptop])
      .when('ExpireNode', laptop)
      .thenNothing();
    given(tailnet).when('ExpireNode', nowhere).thenRejected('node.unknown');
  });

  test('SetNodeExpiry gives an expired node more time, or all of it', () => {
    const { state } = given(tailnet.with('NodeExpired', laptop))
      .when('SetNodeExpiry', { ...laptop, keyExpiresAt: LATER + 1000 })
      .thenEvents(['NodeExpiryChanged', { ...laptop, keyExpiresAt: LATER + 1000 }])
      .when('SetNodeExpiry', { ...laptop, keyExpiresAt: LATER + 1000 })
      .thenNothing()
      .when('SetNodeExpiry', { ...laptop, keyExpiresAt: null });
    expect(state.nodes.get('node_laptop')).toMatchObject({ expired: false, keyExpiresAt: null });
  });

  test('SetNodeExpiry looks ahead', () => {
    given(tailnet)
      .when('SetNodeExpiry', { ...laptop, keyExpiresAt: LATER })
      .thenRejected('input.bad_deadline', { where: 'keyExpiresAt' });
    given(tailnet)
      .when('SetNodeExpiry', { ...nowhere, keyExpiresAt: null })
      .thenRejected('node.unknown');
  });

  test('ExpireDue expires what is due, once, and removes nothing', () => {
    const due = tailnet.withNode('old', { user: 'alice', keyExpiresAt: LATER, ephemeral: true });
    const { state } = given(due)
      .when('ExpireDue', {})
      .thenEvents(['NodeExpired', { nodeId: 'node_old' }])
      .when('ExpireDue', {}, { at: LATER + 999 })
      .thenNothing()
      .when('ExpireDue', {}, { at: LATER + 1000 })
      .thenEvents(['NodeExpired', laptop]);
    expect(state.nodes.size).toBe(3);
  });
});

describe('RemoveNode', () => {
  test('frees name, addresses and keys', () => {
    const { state } = given(tailnet)
      .when('RemoveNode', { ...laptop, reason: 'logout' }, { by: theNode('laptop') })
      .thenEvents(['NodeRemoved', { ...laptop, reason: 'logout' }])
      .when('RemoveNode', { ...laptop, reason: 'removed' })
      .thenRejected('node.unknown');
    const { byMachineKey, byNodeKey, byName, byAddress } = state;
    expect([byMachineKey, byNodeKey, byName, byAddress].map(({ size }) => size)).toEqual([1, 1, 1, 2]);
  });
});
