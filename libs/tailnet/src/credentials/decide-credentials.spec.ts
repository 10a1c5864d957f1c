import { describe, test } from '@jest/globals';
import { given, LATER } from '../testing/given.js';
import { sampleKey } from '../testing/sample-key.js';
import { aTailnet, theToken, theUser, userId } from '../testing/tailnet-builder.js';

const policy = { tagOwners: { 'tag:web': ['autogroup:admin'] }, acls: [] };
const tailnet = aTailnet()
  .withPolicy(policy)
  .withUser('olga', 'owner')
  .withUser('ned', 'network-admin')
  .withUser('bob')
  .withToken('ci', 'network-admin');

const key = {
  keyId: 'key_1',
  secretHash: sampleKey('secret'),
  tags: [],
  reusable: false,
  ephemeral: false,
  preapproved: false,
  expiresAt: LATER + 1000,
  description: 'for the rack',
} as const;

describe('IssueAuthKey', () => {
  test('is for whoever issues it', () => {
    given(tailnet)
      .when('IssueAuthKey', key, { by: theUser('ned') })
      .thenEvents(['AuthKeyIssued', { ...key, userId: 'user_ned' }])
      .when('IssueAuthKey', key, { by: theUser('ned') })
      .thenNothing();
  });

  test('is for the user it names, when the issuer may decide about them', () => {
    const forBob = { ...key, userId: 'user_bob' };
    given(tailnet)
      .when('IssueAuthKey', forBob, { by: theUser('olga') })
      .thenEvents(['AuthKeyIssued', forBob]);
    given(tailnet)
      .when('IssueAuthKey', { ...key, userId: 'user_olga' }, { by: theUser('ned') })
      .thenRejected('auth.role_out_of_reach', { where: 'userId' });
    given(tailnet)
      .when('IssueAuthKey', { ...key, userId: 'nobody' })
      .thenRejected('user.unknown');
  });

  test('is for no one when it has tags', () => {
    const tagged = { ...key, tags: ['tag:web'], expiresAt: null };
    given(tailnet)
      .when('IssueAuthKey', tagged, { by: theToken('ci') })
      .thenEvents(['AuthKeyIssued', tagged]);
    given(tailnet)
      .when('IssueAuthKey', { ...tagged, userId: 'user_bob' })
      .thenRejected('auth_key.two_identities');
  });

  test('gives only tags that the policy declares', () => {
    given(tailnet)
      .when('IssueAuthKey', { ...key, tags: ['tag:web', 'tag:wbe'] })
      .thenRejected('tag.undeclared', { where: 'tag:wbe' });
    given(aTailnet())
      .when('IssueAuthKey', { ...key, tags: ['tag:web'] })
      .thenRejected('tag.undeclared');
  });

  test('makes nobody of no machine', () => {
    given(tailnet)
      .when('IssueAuthKey', key, { by: theToken('ci') })
      .thenRejected('auth_key.no_identity');
  });

  test.each([
    [{ keyId: 'a key' }, 'input.bad_id'],
    [{ secretHash: 'the secret itself' }, 'input.bad_key'],
    [{ secretHash: 'AAAA' }, 'input.bad_key'],
    [{ expiresAt: LATER }, 'input.bad_deadline'],
    [{ expiresAt: Number.POSITIVE_INFINITY }, 'input.bad_deadline'],
    [{ description: 'x'.repeat(256) }, 'input.too_long'],
  ])('%j is refused', (bad, code) => {
    given(tailnet)
      .when('IssueAuthKey', { ...key, userId: 'user_bob', ...bad })
      .thenRejected(code);
  });

  test('an id stands for one secret', () => {
    given(tailnet.withAuthKey('1', { user: 'bob' }))
      .when('IssueAuthKey', { ...key, userId: 'user_bob' })
      .thenRejected('auth_key.id_taken');
  });
});

describe('RevokeAuthKey', () => {
  test('revokes once', () => {
    given(tailnet.withAuthKey('1', { user: 'bob' }))
      .when('RevokeAuthKey', { keyId: 'key_1' })
      .thenEvents(['AuthKeyRevoked', { keyId: 'key_1' }])
      .when('RevokeAuthKey', { keyId: 'key_1' })
      .thenNothing();
  });

  test('needs a key', () => {
    given(tailnet).when('RevokeAuthKey', { keyId: 'key_1' }).thenRejected('auth_key.unknown');
  });
});

describe('IssueApiToken', () => {
  const token = {
    tokenId: 'token_1',
    secretHash: sampleKey('token'),
    role: 'auditor',
    description: '',
    expiresAt: null,
  } as const;

  test('gives a role within reach', () => {
    given(tailnet.withUser('adam', 'admin'))
      .when('IssueApiToken', token, { by: theUser('adam') })
      .thenEvents(['ApiTokenIssued', token])
      .when('IssueApiToken', token, { by: theUser('adam') })
      .thenNothing()
      .when('IssueApiToken', { ...token, tokenId: 'token_2', role: 'owner' }, { by: theUser('adam') })
      .thenRejected('auth.role_out_of_reach', { where: 'role' });
  });

  test.each([
    [{ secretHash: '' }, 'input.bad_key'],
    [{ tokenId: '/' }, 'input.bad_id'],
    [{ expiresAt: 1 }, 'input.bad_deadline'],
  ])('%j is refused', (bad, code) => {
    given(tailnet)
      .when('IssueApiToken', { ...token, ...bad })
      .thenRejected(code);
  });

  test('is in the name of its issuer, or of anybody when an owner issues it', () => {
    const people = tailnet.withUser('adam', 'admin').withToken('ci', 'admin', null, 'adam');
    const inNameOf = (name: string) => ({ ...token, tokenId: `token_${name}`, userId: userId(name) });
    given(people)
      .when('IssueApiToken', inNameOf('adam'), { by: theUser('adam') })
      .thenEvents(['ApiTokenIssued', inNameOf('adam')])
      .when('IssueApiToken', { ...inNameOf('adam'), tokenId: 'token_2' }, { by: theToken('ci') })
      .thenEvents(['ApiTokenIssued', { ...inNameOf('adam'), tokenId: 'token_2' }])
      .when('IssueApiToken', inNameOf('olga'), { by: theUser('adam') })
      .thenRejected('auth.role_out_of_reach', { where: 'userId' })
      .when('IssueApiToken', { ...inNameOf('adam'), tokenId: 'token_3' }, { by: theUser('olga') })
      .thenEvents(['ApiTokenIssued', { ...inNameOf('adam'), tokenId: 'token_3' }])
      .when('IssueApiToken', inNameOf('nobody'))
      .thenRejected('user.unknown', { where: 'userId' });
  });

  test('an id stands for one secret', () => {
    given(tailnet.withToken('1', 'auditor')).when('IssueApiToken', token).thenRejected('api_token.id_taken');
  });
});

describe('RevokeApiToken', () => {
  const withTokens = tailnet.withToken('1', 'owner').withUser('adam', 'admin');

  test('revokes once, within reach', () => {
    given(withTokens)
      .when('RevokeApiToken', { tokenId: 'token_1' }, { by: theUser('adam') })
      .thenRejected('auth.role_out_of_reach')
      .when('RevokeApiToken', { tokenId: 'token_1' })
      .thenEvents(['ApiTokenRevoked', { tokenId: 'token_1' }])
      .when('RevokeApiToken', { tokenId: 'token_1' })
      .thenNothing();
  });

  test('needs a token', () => {
    given(tailnet).when('RevokeApiToken', { tokenId: 'token_1' }).thenRejected('api_token.unknown');
  });

  test('a revoked or expired token may do nothing', () => {
    const rename = { nodeId: 'node_x', name: 'y' };
    const spent = tailnet.withToken('old', 'owner', LATER).withToken('bad', 'owner');
    given(spent.with('ApiTokenRevoked', { tokenId: 'token_bad' }))
      .when('RenameNode', rename, { by: theToken('bad') })
      .thenRejected('auth.token_revoked');
    given(spent)
      .when('RenameNode', rename, { by: theToken('old') })
      .thenRejected('auth.token_expired');
    given(spent)
      .when('RenameNode', rename, { by: theToken('old'), at: LATER - 1 })
      .thenRejected('node.unknown');
    given(spent)
      .when('RenameNode', rename, { by: theToken('none') })
      .thenRejected('auth.unknown_actor');
  });
});
