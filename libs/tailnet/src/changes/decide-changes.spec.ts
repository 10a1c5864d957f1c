import { describe, expect, test } from '@jest/globals';
import { given, LATER } from '../testing/given.js';
import {
  APPLICATION,
  APPROVAL,
  approved,
  NORA,
  OFFICE_ROUTE,
  OPEN_POLICY,
  proposal,
  proposed,
  reviewedTailnet,
} from '../testing/reviewed-tailnet.js';
import { nodeId, theSystem, theToken, theUser } from '../testing/tailnet-builder.js';

describe('ProposeChange', () => {
  test('records what is proposed, by whom, and on what base', () => {
    proposed()
      .thenEvents(['ChangeProposed', { ...proposal(), baseRevision: reviewedTailnet.state.revision, by: NORA }])
      .when('ProposeChange', proposal(), { by: theUser('nora') })
      .thenNothing()
      .when('ProposeChange', proposal({ commands: [{ type: 'ExpireNode', data: { nodeId: nodeId('office') } }] }))
      .thenRejected('change.id_taken');
  });

  test.each<[string, unknown, string]>([
    ['a secret', { type: 'IssueAuthKey', data: {} }, 'change.not_proposable'],
    ['a machine’s own act', { type: 'AdvertiseRoutes', data: {} }, 'change.not_proposable'],
    ['a review', { type: 'ReviewChange', data: {} }, 'change.not_proposable'],
    ['no command', null, 'change.not_proposable'],
    ['data of another command', { type: 'ApproveRoute', data: { nodeId: 'n' } }, 'change.bad_command'],
    [
      'a machine that leaves by itself',
      { type: 'RemoveNode', data: { nodeId: 'n', reason: 'logout' } },
      'change.bad_command',
    ],
    ['what cannot be done', { type: 'ApproveRoute', data: { nodeId: 'n', prefix: '::/0' } }, 'node.unknown'],
    ['what is so already', { type: 'PublishAcl', data: { text: JSON.stringify(OPEN_POLICY) } }, 'change.no_effect'],
  ])('refuses %s', (_, command, code) => {
    given(reviewedTailnet)
      .when('ProposeChange', proposal({ commands: [command as never] }), { by: theUser('nora') })
      .thenRejected(code);
  });

  test('says which member of a command is wrong, and how it is written', () => {
    const command = { type: 'RenameNode', data: { nodeId: nodeId('office'), nam: 'hq' } };
    given(reviewedTailnet)
      .when('ProposeChange', proposal({ commands: [command as never] }), { by: theUser('nora') })
      .thenRejected('change.bad_command', {
        message: 'this is not what RenameNode takes: name is missing, or is not what it should be',
        where: 'commands[0].data.name',
        hint: 'write {"type": "RenameNode", "data": {"nodeId": …, "name": …}}',
      });
  });

  test('of a machine says only which, to remove it', () => {
    const command = { type: 'RemoveNode', data: { nodeId: nodeId('office') } };
    const removed = { type: 'RemoveNode', data: { nodeId: nodeId('office'), reason: 'removed' } } as const;
    proposed({ commands: [command as never] }).thenEvents([
      'ChangeProposed',
      { ...proposal({ commands: [removed] }), baseRevision: reviewedTailnet.state.revision, by: NORA },
    ]);
  });

  test('keeps of a command only what it takes', () => {
    const data = { ...OFFICE_ROUTE, by: 'me' };
    proposed({ commands: [{ type: 'ApproveRoute', data }] }).thenEvents([
      'ChangeProposed',
      { ...proposal(), baseRevision: reviewedTailnet.state.revision, by: NORA },
    ]);
  });

  test('of a policy edit that began before the newest policy is refused', () => {
    const stale = reviewedTailnet.withPolicy({ acls: [] });
    const commands = [{ type: 'PublishAcl', data: { text: '{"acls": [], "groups": {}}' } }] as const;
    given(stale)
      .when('ProposeChange', proposal({ commands, baseRevision: reviewedTailnet.state.revision }), {
        by: theUser('nora'),
      })
      .thenRejected('policy.stale_base', { where: 'baseRevision' });
    expect(given(stale).when('ProposeChange', proposal({ commands }), { by: theUser('nora') }).events).toHaveLength(1);
  });

  test('is not for tokens of nobody’s: such a person could not be told from those who approve', () => {
    given(reviewedTailnet.withToken('ci', 'admin'))
      .when('ProposeChange', proposal(), { by: theToken('ci') })
      .thenRejected('change.nobody_not_permitted');
  });
});

describe('ReviewChange', () => {
  test('is not for the one who proposed, through whatever token', () => {
    proposed()
      .when('ReviewChange', APPROVAL, { by: theUser('nora') })
      .thenRejected('change.own_not_permitted');
    given(reviewedTailnet.withToken('hers', 'network-admin', null, 'nora'))
      .when('ProposeChange', proposal(), { by: theUser('nora') })
      .when('ReviewChange', APPROVAL, { by: theToken('hers') })
      .thenRejected('change.own_not_permitted');
  });

  test('counts a person once, be it through a token', () => {
    given(reviewedTailnet.withToken('his', 'network-admin', null, 'ned'))
      .when('ProposeChange', proposal(), { by: theUser('nora') })
      .when('ReviewChange', APPROVAL, { by: theUser('ned') })
      .when('ReviewChange', APPROVAL, { by: theToken('his') })
      .thenNothing()
      .when('ApplyChange', APPLICATION, { by: theUser('nora') })
      .thenRejected('change.needs_approvals', { message: 'this change needs 1 more approval (network-admin)' });
  });

  test('through a token counts as what both the token and the person are', () => {
    given(reviewedTailnet.withToken('weak', 'auditor', null, 'ned'))
      .when('ProposeChange', proposal(), { by: theUser('nora') })
      .when('ReviewChange', APPROVAL, { by: theUser('adam') })
      .when('ReviewChange', APPROVAL, { by: theToken('weak') })
      .when('ApplyChange', APPLICATION, { by: theUser('nora') })
      .thenRejected('change.needs_approvals');
  });

  test('of another impact makes the earlier approvals void', () => {
    const { state } = proposed()
      .when('ReviewChange', APPROVAL, { by: theUser('ned') })
      .when('ReviewChange', { ...APPROVAL, impactDigest: 'd2' }, { by: theUser('adam') })
      .thenEvents(
        ['ChangeLapsed', { changeId: 'c1', impactDigest: 'd2' }],
        [
          'ChangeReviewed',
          {
            ...APPROVAL,
            impactDigest: 'd2',
            by: { kind: 'user', id: 'user_adam', person: 'user_adam' },
          },
        ],
      );
    const change = state.changes.byId.get('c1');
    expect(change?.approvals.map(({ by }) => by.id)).toEqual(['user_adam']);
    expect(change?.lapsed?.approvals.map(({ by }) => by.id)).toEqual(['user_ned']);
  });

  test('with a rejection ends the change', () => {
    const { state } = approved()
      .when('ReviewChange', { ...APPROVAL, verdict: 'reject', comment: 'not today' }, { by: theUser('aude') })
      .when('ApplyChange', APPLICATION, { by: theUser('nora') })
      .thenRejected('change.closed', { message: 'the change c1 was rejected already' });
    expect(state.changes.byId.get('c1')).toMatchObject({ stage: 'rejected', commands: [], end: { why: 'not today' } });
  });
});

describe('a change in time', () => {
  const HOUR = 3_600_000;

  test('is scheduled for the future only', () => {
    approved()
      .when('ScheduleChange', { changeId: 'c1', at: LATER }, { by: theUser('nora') })
      .thenRejected('input.bad_deadline')
      .when('ScheduleChange', { changeId: 'c1', at: LATER + 1 }, { by: theUser('nora') })
      .thenEvents(['ChangeScheduled', { changeId: 'c1', at: LATER + 1, by: NORA }])
      .when('ScheduleChange', { changeId: 'c1', at: LATER + 1 }, { by: theUser('nora'), at: LATER + 5 })
      .thenNothing();
  });

  test('that could not be applied at its time has failed', () => {
    const { state } = approved()
      .when('ScheduleChange', { changeId: 'c1', at: LATER + 1 }, { by: theUser('nora') })
      .when(
        'FailChange',
        { changeId: 'c1', stage: 'open', code: 'node.unknown', message: 'it is gone' },
        { by: theUser('olga') },
      )
      .thenRejected('auth.forbidden')
      .when('FailChange', { changeId: 'c1', stage: 'open', code: 'node.unknown', message: 'it is gone' })
      .thenEvents(['ChangeFailed', { changeId: 'c1', code: 'node.unknown', message: 'it is gone' }])
      .when('FailChange', { changeId: 'c1', stage: 'open', code: 'node.unknown', message: 'it is gone' })
      .thenNothing();
    expect(state.changes.byId.get('c1')).toMatchObject({ stage: 'failed', scheduledFor: null });
    approved({ lasts: HOUR })
      .when('ApplyChange', APPLICATION, { by: theUser('nora') })
      .when('FailChange', { changeId: 'c1', stage: 'open', code: 'node.unknown', message: 'it is gone' })
      .thenNothing();
  });

  test('that is temporary ends when it is due, and not before', () => {
    const by = { kind: 'system', id: 'test' } as const;
    const expire = { changeId: 'c1', commands: [{ type: 'RevokeRoute', data: OFFICE_ROUTE }] } as const;
    const { state } = approved({ lasts: HOUR })
      .when('ApplyChange', APPLICATION, { by: theSystem })
      .thenEvents(
        ['RouteApproved', { ...OFFICE_ROUTE, by: 'admin' }],
        ['ChangeApplied', { ...APPLICATION, events: 1, until: LATER + HOUR, by }],
      )
      .when('ExpireChange', expire, { at: LATER + HOUR - 1 })
      .thenRejected('change.not_due')
      .when('ExpireChange', expire, { at: LATER + HOUR })
      .thenEvents(['RouteRevoked', { ...OFFICE_ROUTE, by: 'admin' }], ['ChangeExpired', { changeId: 'c1', events: 1 }])
      .when('ExpireChange', expire, { at: LATER + HOUR })
      .thenNothing();
    expect(state.changes.byId.get('c1')).toMatchObject({ stage: 'expired', commands: [] });
  });
});

describe('WithdrawChange', () => {
  test('is for whoever proposed it, and for owners and admins', () => {
    proposed()
      .when('WithdrawChange', { changeId: 'c1' }, { by: theUser('ned') })
      .thenRejected('change.withdrawal_not_permitted')
      .when('WithdrawChange', { changeId: 'c1' }, { by: theUser('nora') })
      .thenEvents(['ChangeWithdrawn', { changeId: 'c1', by: NORA }])
      .when('WithdrawChange', { changeId: 'c1' }, { by: theUser('nora') })
      .thenNothing();
    expect(proposed().when('WithdrawChange', { changeId: 'c1' }, { by: theUser('adam') }).events).toHaveLength(1);
  });
});

test('so many ended changes are remembered, and no more', () => {
  let scenario = given(reviewedTailnet);
  for (let i = 0; i < 205; i++) {
    scenario = scenario
      .when('ProposeChange', proposal({ changeId: `c${i}` }), { by: theUser('nora') })
      .when('WithdrawChange', { changeId: `c${i}` });
  }
  const { byId, ended } = scenario.state.changes;
  expect([byId.size, ended.length, byId.has('c4'), byId.has('c5')]).toEqual([200, 200, false, true]);
});
