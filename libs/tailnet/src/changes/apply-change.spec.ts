import { describe, expect, test } from '@jest/globals';
import {
  APPLICATION,
  APPROVAL,
  approved,
  NORA,
  OFFICE_ROUTE,
  proposal,
  proposed,
} from '../testing/reviewed-tailnet.js';
import { nodeId, theNode, theUser } from '../testing/tailnet-builder.js';

describe('ApplyChange', () => {
  test('runs the commands in one append, once', () => {
    const { state } = approved()
      .when('ApplyChange', APPLICATION, { by: theUser('nora') })
      .thenEvents(
        ['RouteApproved', { ...OFFICE_ROUTE, by: 'admin' }],
        ['ChangeApplied', { ...APPLICATION, events: 1, until: null, by: NORA }],
      )
      .when('ApplyChange', APPLICATION, { by: theUser('adam') })
      .thenNothing();
    const { first, last } = state.changes.byId.get('c1')?.applied ?? {};
    expect([first, last]).toEqual([state.revision - 1, state.revision - 1]);
  });

  test('needs an approval by enough people who still may', () => {
    proposed()
      .when('ApplyChange', APPLICATION, { by: theUser('nora') })
      .thenRejected('change.needs_approvals', { message: 'this change needs 2 more approvals (network-admin)' });
    approved()
      .when('SuspendUser', { userId: 'user_ned' })
      .when('ApplyChange', APPLICATION, { by: theUser('nora') })
      .thenRejected('change.needs_approvals');
    approved()
      .when('ChangeUserRole', { userId: 'user_ned', role: 'it-admin' })
      .when('ApplyChange', APPLICATION, { by: theUser('nora') })
      .thenRejected('change.needs_approvals');
    approved()
      .when('SuspendUser', { userId: 'user_nora' })
      .when('ApplyChange', APPLICATION, { by: theUser('adam') })
      .thenRejected('change.proposer_not_permitted');
  });

  test('does what was approved, and nothing else', () => {
    approved()
      .when('ApplyChange', { ...APPLICATION, impactDigest: 'd2' }, { by: theUser('nora') })
      .thenRejected('change.impact_moved')
      .when('LapseApprovals', { changeId: 'c1', impactDigest: 'd2' }, { by: theUser('nora') })
      .thenEvents(['ChangeLapsed', { changeId: 'c1', impactDigest: 'd2' }])
      .when('ApplyChange', APPLICATION, { by: theUser('nora') })
      .thenRejected('change.needs_approvals');
  });

  test('runs all commands or none', () => {
    const both = [
      { type: 'ApproveRoute', data: OFFICE_ROUTE },
      { type: 'ApproveRoute', data: { ...OFFICE_ROUTE, prefix: '10.1.0.0/16' } },
    ] as const;
    const before = approved({ commands: both }).when(
      'AdvertiseRoutes',
      { nodeId: nodeId('office'), prefixes: ['10.0.0.0/8'] },
      { by: theNode('office') },
    );
    const after = before
      .when('ApplyChange', APPLICATION, { by: theUser('nora') })
      .thenRejected('route.not_advertised', { where: 'commands[1].prefix' });
    expect(after.state).toBe(before.state);
  });

  test('needs for every command somebody among proposer and reviewers who may give it', () => {
    const commands = [{ type: 'RenameNode', data: { nodeId: nodeId('office'), name: 'hq' } }] as const;
    const uncovered = proposed({ commands });
    uncovered.when('ApplyChange', APPLICATION, { by: theUser('adam') }).thenRejected('auth.forbidden');
    uncovered
      .when('ReviewChange', APPROVAL, { by: theUser('ida') })
      .when('ApplyChange', APPLICATION, { by: theUser('nora') })
      .thenEvents(
        ['NodeRenamed', { nodeId: nodeId('office'), name: 'hq', pinned: true }],
        ['ChangeApplied', { ...APPLICATION, events: 1, until: null, by: NORA }],
      );
  });

  test('does not let a change give its own proposer the right to go on', () => {
    const commands = [
      { type: 'ChangeUserRole', data: { userId: 'user_nora', role: 'admin' } },
      { type: 'SuspendUser', data: { userId: 'user_bob' } },
    ] as const;
    proposed({ commands })
      .when('ReviewChange', APPROVAL, { by: theUser('ned') })
      .when('ApplyChange', APPLICATION, { by: theUser('nora') })
      .thenRejected('auth.forbidden', { where: 'commands[0]' });
  });

  test('would not take back what somebody else has published in the meantime', () => {
    const commands = [{ type: 'PublishAcl', data: { text: '{"acls": [], "groups": {}}' } }] as const;
    approved({ commands })
      .when('PublishAcl', { text: '{"acls": []}' })
      .when('ApplyChange', APPLICATION, { by: theUser('nora') })
      .thenRejected('policy.stale_base');
  });

  test('would not take back DNS settings either', () => {
    const dns = { magicDns: true, nameservers: ['9.9.9.9'], searchDomains: [], splitDns: {}, records: [] };
    const commands = [{ type: 'ConfigureDns', data: dns }] as const;
    const change = proposed({ commands });
    change
      .when('ApplyChange', APPLICATION, { by: theUser('nora') })
      .thenEvents(['DnsConfigured', dns], ['ChangeApplied', { ...APPLICATION, events: 1, until: null, by: NORA }]);
    change
      .when('ConfigureDns', { ...dns, nameservers: ['1.1.1.1'] })
      .when('ApplyChange', APPLICATION, { by: theUser('nora') })
      .thenRejected('dns.stale_base', { where: 'baseRevision' });
  });

  test('goes ahead in an emergency, which is recorded', () => {
    proposed()
      .when('ApplyChange', APPLICATION, { by: theUser('ned'), emergency: 'now' })
      .thenRejected('change.emergency_not_permitted')
      .when('ApplyChange', APPLICATION, { by: theUser('adam'), emergency: 'the office is cut off', id: '-2' })
      .thenEvents(
        ['RouteApproved', { ...OFFICE_ROUTE, by: 'admin' }],
        [
          'ChangeApplied',
          { ...APPLICATION, events: 1, until: null, by: { kind: 'user', id: 'user_adam', person: 'user_adam' } },
        ],
        [
          'ReviewOverridden',
          {
            overrideId: 'e-2',
            command: 'ApplyChange',
            changeId: 'c1',
            reason: 'the office is cut off',
            by: { kind: 'user', id: 'user_adam', person: 'user_adam' },
          },
        ],
      );
  });

  test('ends the change that it takes back', () => {
    const revoke = { type: 'RevokeRoute', data: OFFICE_ROUTE } as const;
    const undo = proposal({ changeId: 'c2', commands: [revoke], reverts: { changeId: 'c1' } });
    const { state } = approved()
      .when('ApplyChange', APPLICATION, { by: theUser('nora') })
      .when('ProposeChange', undo, { by: theUser('nora') })
      .when('ApplyChange', { changeId: 'c2', impactDigest: '' }, { by: theUser('nora') })
      .thenEvents(
        ['RouteRevoked', { ...OFFICE_ROUTE, by: 'admin' }],
        ['ChangeApplied', { changeId: 'c2', impactDigest: '', events: 1, until: null, by: NORA }],
        ['ChangeReverted', { changeId: 'c1', revertedBy: 'c2' }],
      );
    expect(state.changes.byId.get('c1')?.stage).toBe('reverted');
  });
});
