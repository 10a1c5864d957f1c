import { describe, expect, test } from '@jest/globals';
import { initialState } from '../state.js';
import { given } from '../testing/given.js';
import { aTailnet, TailnetBuilder, theUser } from '../testing/tailnet-builder.js';

const creation = { tailnetId: 'acme', name: 'Acme', dnsSuffix: 'acme.netfold.internal', ulaBytes: 'AQIDBAU=' };
const nowhere = TailnetBuilder.EMPTY;

describe('CreateTailnet', () => {
  test('gives the tailnet its ULA', () => {
    given(nowhere)
      .when('CreateTailnet', creation)
      .thenEvents([
        'TailnetCreated',
        { tailnetId: 'acme', name: 'Acme', dnsSuffix: 'acme.netfold.internal', ula: 'fd01:203:405::/48' },
      ]);
  });

  test('the same again is already so; another one is refused', () => {
    const created = given(nowhere).when('CreateTailnet', creation);
    created.when('CreateTailnet', creation, { id: 'again' }).thenNothing();
    created.when('CreateTailnet', { ...creation, name: 'Other' }, { id: 'other' }).thenRejected('tailnet.exists');
  });

  test.each([
    [{ ulaBytes: 'AQID' }, 'tailnet.bad_ula', 'ulaBytes'],
    [{ ulaBytes: '?' }, 'tailnet.bad_ula', 'ulaBytes'],
    [{ dnsSuffix: 'Not a domain' }, 'dns.bad_domain', 'dnsSuffix'],
    [{ tailnetId: '' }, 'input.bad_id', 'tailnetId'],
    [{ name: 'a\nb' }, 'input.control_characters', 'name'],
  ])('%j is refused', (bad, code, where) => {
    given(nowhere)
      .when('CreateTailnet', { ...creation, ...bad })
      .thenRejected(code, { where });
  });

  test('comes before everything else', () => {
    given(nowhere).when('ExpireDue', {}).thenRejected('tailnet.unknown');
    expect(initialState.revision).toBe(-1);
  });
});

describe('ChangeSettings', () => {
  test('records only what changes', () => {
    given(aTailnet())
      .when('ChangeSettings', { deviceApproval: true, ipv4Pool: '100.64.0.0/10' })
      .thenEvents(['SettingsChanged', { deviceApproval: true }])
      .when('ChangeSettings', { deviceApproval: true })
      .thenNothing();
  });

  test('keys may be made to last for ever', () => {
    const { state } = given(aTailnet()).when('ChangeSettings', { keyExpiry: null });
    expect(state.settings).toEqual({
      deviceApproval: false,
      keyExpiry: null,
      keyRotation: 30 * 86_400_000,
      ipv4Pool: '100.64.0.0/10',
    });
  });

  test.each([
    [{ keyExpiry: 0 }, 'tailnet.bad_key_expiry'],
    [{ keyExpiry: Number.NaN }, 'tailnet.bad_key_expiry'],
    [{ keyRotation: 3_599_999 }, 'tailnet.bad_key_rotation'],
    [{ keyRotation: 3_600_000.5 }, 'tailnet.bad_key_rotation'],
    [{ ipv4Pool: '10.0.0.0/8' }, 'tailnet.bad_pool'],
    [{ ipv4Pool: '100.64.0.1/16' }, 'tailnet.bad_pool'],
    [{ ipv4Pool: '100.100.100.0/24' }, 'tailnet.bad_pool'],
    [{ ipv4Pool: 'fd00::/8' }, 'tailnet.bad_pool'],
    [{ ipv4Pool: 'all' }, 'tailnet.bad_pool'],
  ])('%j is refused', (bad, code) => {
    given(aTailnet()).when('ChangeSettings', bad).thenRejected(code);
  });
});

describe('every command', () => {
  const tailnet = aTailnet().withUser('olga', 'owner').withUser('bob');

  test('is refused when the tailnet has moved on from what its author saw', () => {
    const { revision } = tailnet.state;
    const olga = theUser('olga');
    const removal = { userId: 'user_bob' };
    given(tailnet)
      .when('RemoveUser', removal, { by: olga, expectedRevision: revision - 1 })
      .thenRejected('tailnet.stale_revision');
    given(tailnet)
      .when('RemoveUser', removal, { by: olga, expectedRevision: revision })
      .thenEvents(['UserRemoved', removal]);
  });

  test('is carried out once, however often it comes', () => {
    given(tailnet)
      .when('ChangeUserRole', { userId: 'user_bob', role: 'auditor' }, { id: 'c1' })
      .when('ChangeUserRole', { userId: 'user_bob', role: 'member' }, { id: 'c2' })
      .when('ChangeUserRole', { userId: 'user_bob', role: 'auditor' }, { id: 'c1', expectedRevision: 0 })
      .thenNothing();
  });

  test('must be known', () => {
    given(tailnet)
      .when('Explode' as 'ExpireDue', {})
      .thenRejected('command.unknown');
  });
});
