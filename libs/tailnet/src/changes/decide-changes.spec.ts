import { describe, expect, test } from '@jest/globals';
import type { CommandData } from '../commands.js';
import { given, LATER } from '../testing/given.js';
import { aTailnet, nodeId, theNode, theSystem, theToken, theUser } from '../testing/tailnet-builder.js';
import type { ReviewRule } from './review-rule.js';

const rule: ReviewRule = { commands: ['ApproveRoute', 'PublishAcl'], approvals: 2, role: 'network-admin' };
const OPEN = { acls: [{ action: 'accept', src: ['*'], dst: ['*:*'] }] };

/** Routes and policies need two network admins. */
const tailnet = aTailnet()
  .withUser('olga', 'owner')
  .withUser('adam', 'admin')
  .withUser('nora', 'network-admin')
  .withUser('ned', 'network-admin')
  .withUser('ida', 'it-admin')
  .withUser('aude', 'auditor')
  .withUser('bob')
  .withPolicy(OPEN)
  .withNode('office', { user: 'bob', offers: ['10.0.0.0/8', '10.1.0.0/16'] })
  .with('ReviewRulesChanged', { rules: [rule] });

const approveRoute = { nodeId: nodeId('office'), prefix: '10.0.0.0/8' };
const proposal = (more: Partial<CommandData['ProposeChange']> = {}): CommandData['ProposeChange'] => ({
  changeId: 'c1',
  title: 'reach the office',
  reason: 'we moved',
  commands: [{ type: 'ApproveRoute', data: approveRoute }],
  lasts: null,
  ...more,
});
const approve = { changeId: 'c1', verdict: 'approve', impactDigest: 'd1', comment: '' } as const;
const apply = { changeId: 'c1', impactDigest: 'd1' };
const nora = { kind: 'user', id: 'user_nora', person: 'user_nora' } as const;

const proposed = (more: Partial<CommandData['ProposeChange']> = {}) =>
  given(tailnet).when('ProposeChange', proposal(more), { by: theUser('nora') });
const approved = (more: Partial<CommandData['ProposeChange']> = {}) =>
  proposed(more)
    .when('ReviewChange', approve, { by: theUser('ned') })
    .when('ReviewChange', approve, { by: theUser('adam') });

describe('a command that a rule covers', () => {
  test('is refused, and the answer says what to do', () => {
    given(tailnet)
      .when('ApproveRoute', approveRoute, { by: theUser('nora') })
      .thenRejected('change.review_required', {
        message: 'ApproveRoute needs 2 approvals (network-admin)',
        hint: 'propose it instead: netfold change propose',
      });
  });

  test('is not refused to the system, nor another command to anyone', () => {
    given(tailnet)
      .when('ApproveRoute', approveRoute)
      .thenEvents(['RouteApproved', { ...approveRoute, by: 'admin' }]);
    given(tailnet)
      .when('RenameNode', { nodeId: nodeId('office'), name: 'hq' }, { by: theUser('adam') })
      .thenEvents(['NodeRenamed', { nodeId: nodeId('office'), name: 'hq', pinned: true }]);
  });

  test('about itself is a machine’s own business', () => {
    given(tailnet.with('ReviewRulesChanged', { rules: [{ commands: ['ExpireNode'], approvals: 1, role: 'admin' }] }))
      .when('ExpireNode', { nodeId: nodeId('office') }, { by: theNode('office') })
      .thenEvents(['NodeExpired', { nodeId: nodeId('office') }]);
  });

  test('runs in an emergency, which is recorded until somebody else has seen it', () => {
    const adam = { kind: 'user', id: 'user_adam', person: 'user_adam' } as const;
    const burning = given(tailnet)
      .when('ApproveRoute', approveRoute, {
        by: theUser('adam'),
        emergency: 'the office is cut off',
        id: '-fire:print',
      })
      .thenEvents(
        ['RouteApproved', { ...approveRoute, by: 'admin' }],
        [
          'ReviewOverridden',
          { overrideId: 'e-fire', command: 'ApproveRoute', reason: 'the office is cut off', by: adam },
        ],
      );
    expect(burning.state.changes.overrides.get('e-fire')).toMatchObject({ command: 'ApproveRoute', by: adam });
    const { state } = burning
      .when('AcknowledgeOverride', { overrideId: 'e-fire' }, { by: theUser('adam') })
      .thenRejected('override.own_not_permitted')
      .when('AcknowledgeOverride', { overrideId: 'e-fire' }, { by: theUser('aude') })
      .thenEvents([
        'OverrideAcknowledged',
        { overrideId: 'e-fire', by: { kind: 'user', id: 'user_aude', person: 'user_aude' } },
      ]);
    expect(state.changes.overrides.size).toBe(0);
  });

  test('does not run in an emergency without a reason, nor for those who are neither owner nor admin', () => {
    given(tailnet)
      .when('ApproveRoute', approveRoute, { by: theUser('adam'), emergency: ' ' })
      .thenRejected('change.no_reason');
    given(tailnet)
      .when('ApproveRoute', approveRoute, { by: theUser('nora'), emergency: 'now' })
      .thenRejected('change.emergency_not_permitted');
  });

  test('where no rule applies, an emergency is none', () => {
    given(tailnet)
      .when('RenameNode', { nodeId: nodeId('office'), name: 'hq' }, { by: theUser('adam'), emergency: 'now' })
      .thenEvents(['NodeRenamed', { nodeId: nodeId('office'), name: 'hq', pinned: true }]);
  });
});

describe('SetReviewRules', () => {
  test('is itself covered by the strictest rule, unless a rule names it', () => {
    given(tailnet)
      .when('SetReviewRules', { rules: [] }, { by: theUser('olga') })
      .thenRejected('change.review_required', { message: 'SetReviewRules needs 2 approvals (network-admin)' });
    const own: ReviewRule = { commands: ['SetReviewRules'], approvals: 1, role: 'owner' };
    given(tailnet.with('ReviewRulesChanged', { rules: [rule, own] }))
      .when('SetReviewRules', { rules: [] }, { by: theUser('olga') })
      .thenRejected('change.review_required', { message: 'SetReviewRules needs 1 approval (owner)' });
  });

  test('is free while there are no rules; the commands of a rule are a set', () => {
    given(aTailnet().withUser('olga', 'owner').withUser('adam', 'admin'))
      .when(
        'SetReviewRules',
        { rules: [{ ...rule, commands: ['PublishAcl', 'ApproveRoute', 'PublishAcl'], approvals: 1 }] },
        { by: theUser('olga') },
      )
      .thenEvents([
        'ReviewRulesChanged',
        { rules: [{ ...rule, commands: ['ApproveRoute', 'PublishAcl'], approvals: 1 }] },
      ])
      .when('SetReviewRules', { rules: [{ ...rule, approvals: 1 }] })
      .thenNothing();
  });

  test.each<[Partial<ReviewRule>, string]>([
    [{ approvals: 0 }, 'review.bad_rule'],
    [{ approvals: 1.5 }, 'review.bad_rule'],
    [{ commands: [] }, 'review.bad_rule'],
    [{ role: 'member' }, 'review.bad_rule'],
    [{ approvals: 3, role: 'admin' }, 'review.unattainable'],
    [{ approvals: 1, role: 'owner' }, ''],
  ])('a rule with %j: %s', (bad, code) => {
    const scenario = given(tailnet).when('SetReviewRules', { rules: [{ ...rule, ...bad }] });
    if (code === '') expect(scenario.events).toHaveLength(1);
    else scenario.thenRejected(code, { where: 'rules[0]' });
  });
});

describe('ProposeChange', () => {
  test('records what is proposed, by whom, and on what base', () => {
    proposed()
      .thenEvents(['ChangeProposed', { ...proposal(), baseRevision: tailnet.state.revision, by: nora }])
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
    ['what is so already', { type: 'PublishAcl', data: { text: JSON.stringify(OPEN) } }, 'change.no_effect'],
  ])('refuses %s', (_, command, code) => {
    given(tailnet)
      .when('ProposeChange', proposal({ commands: [command as never] }), { by: theUser('nora') })
      .thenRejected(code);
  });

  test('keeps of a command only what it takes', () => {
    const data = { ...approveRoute, by: 'me' };
    proposed({ commands: [{ type: 'ApproveRoute', data }] }).thenEvents([
      'ChangeProposed',
      { ...proposal(), baseRevision: tailnet.state.revision, by: nora },
    ]);
  });

  test('of a policy edit that began before the newest policy is refused', () => {
    const stale = tailnet.withPolicy({ acls: [] });
    const commands = [{ type: 'PublishAcl', data: { text: '{"acls": [], "groups": {}}' } }] as const;
    given(stale)
      .when('ProposeChange', proposal({ commands, baseRevision: tailnet.state.revision }), { by: theUser('nora') })
      .thenRejected('policy.stale_base', { where: 'baseRevision' });
    expect(given(stale).when('ProposeChange', proposal({ commands }), { by: theUser('nora') }).events).toHaveLength(1);
  });

  test('is not for tokens of nobody’s: such a person could not be told from those who approve', () => {
    given(tailnet.withToken('ci', 'admin'))
      .when('ProposeChange', proposal(), { by: theToken('ci') })
      .thenRejected('change.nobody_not_permitted');
  });
});

describe('ReviewChange', () => {
  test('is not for the one who proposed, through whatever token', () => {
    proposed()
      .when('ReviewChange', approve, { by: theUser('nora') })
      .thenRejected('change.own_not_permitted');
    given(tailnet.withToken('hers', 'network-admin', null, 'nora'))
      .when('ProposeChange', proposal(), { by: theUser('nora') })
      .when('ReviewChange', approve, { by: theToken('hers') })
      .thenRejected('change.own_not_permitted');
  });

  test('counts a person once, be it through a token', () => {
    given(tailnet.withToken('his', 'network-admin', null, 'ned'))
      .when('ProposeChange', proposal(), { by: theUser('nora') })
      .when('ReviewChange', approve, { by: theUser('ned') })
      .when('ReviewChange', approve, { by: theToken('his') })
      .thenNothing()
      .when('ApplyChange', apply, { by: theUser('nora') })
      .thenRejected('change.needs_approvals', { message: 'this change needs 1 more approval (network-admin)' });
  });

  test('through a token counts as what both the token and the person are', () => {
    given(tailnet.withToken('weak', 'auditor', null, 'ned'))
      .when('ProposeChange', proposal(), { by: theUser('nora') })
      .when('ReviewChange', approve, { by: theUser('adam') })
      .when('ReviewChange', approve, { by: theToken('weak') })
      .when('ApplyChange', apply, { by: theUser('nora') })
      .thenRejected('change.needs_approvals');
  });

  test('of another impact makes the earlier approvals void', () => {
    const { state } = proposed()
      .when('ReviewChange', approve, { by: theUser('ned') })
      .when('ReviewChange', { ...approve, impactDigest: 'd2' }, { by: theUser('adam') })
      .thenEvents(
        ['ChangeLapsed', { changeId: 'c1', impactDigest: 'd2' }],
        [
          'ChangeReviewed',
          {
            ...approve,
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
      .when('ReviewChange', { ...approve, verdict: 'reject', comment: 'not today' }, { by: theUser('aude') })
      .when('ApplyChange', apply, { by: theUser('nora') })
      .thenRejected('change.closed', { message: 'the change c1 was rejected already' });
    expect(state.changes.byId.get('c1')).toMatchObject({ stage: 'rejected', commands: [], end: { why: 'not today' } });
  });
});

describe('ApplyChange', () => {
  test('runs the commands in one append, once', () => {
    const { state } = approved()
      .when('ApplyChange', apply, { by: theUser('nora') })
      .thenEvents(
        ['RouteApproved', { ...approveRoute, by: 'admin' }],
        ['ChangeApplied', { ...apply, events: 1, until: null, by: nora }],
      )
      .when('ApplyChange', apply, { by: theUser('adam') })
      .thenNothing();
    const { first, last } = state.changes.byId.get('c1')?.applied ?? {};
    expect([first, last]).toEqual([state.revision - 1, state.revision - 1]);
  });

  test('needs an approval by enough people who still may', () => {
    proposed()
      .when('ApplyChange', apply, { by: theUser('nora') })
      .thenRejected('change.needs_approvals', { message: 'this change needs 2 more approvals (network-admin)' });
    approved()
      .when('SuspendUser', { userId: 'user_ned' })
      .when('ApplyChange', apply, { by: theUser('nora') })
      .thenRejected('change.needs_approvals');
    approved()
      .when('ChangeUserRole', { userId: 'user_ned', role: 'it-admin' })
      .when('ApplyChange', apply, { by: theUser('nora') })
      .thenRejected('change.needs_approvals');
    approved()
      .when('SuspendUser', { userId: 'user_nora' })
      .when('ApplyChange', apply, { by: theUser('adam') })
      .thenRejected('change.proposer_not_permitted');
  });

  test('does what was approved, and nothing else', () => {
    approved()
      .when('ApplyChange', { ...apply, impactDigest: 'd2' }, { by: theUser('nora') })
      .thenRejected('change.impact_moved')
      .when('LapseApprovals', { changeId: 'c1', impactDigest: 'd2' }, { by: theUser('nora') })
      .thenEvents(['ChangeLapsed', { changeId: 'c1', impactDigest: 'd2' }])
      .when('ApplyChange', apply, { by: theUser('nora') })
      .thenRejected('change.needs_approvals');
  });

  test('runs all commands or none', () => {
    const both = [
      { type: 'ApproveRoute', data: approveRoute },
      { type: 'ApproveRoute', data: { ...approveRoute, prefix: '10.1.0.0/16' } },
    ] as const;
    const before = approved({ commands: both }).when(
      'AdvertiseRoutes',
      { nodeId: nodeId('office'), prefixes: ['10.0.0.0/8'] },
      { by: theNode('office') },
    );
    const after = before
      .when('ApplyChange', apply, { by: theUser('nora') })
      .thenRejected('route.not_advertised', { where: 'commands[1].prefix' });
    expect(after.state).toBe(before.state);
  });

  test('needs for every command somebody among proposer and reviewers who may give it', () => {
    const commands = [{ type: 'RenameNode', data: { nodeId: nodeId('office'), name: 'hq' } }] as const;
    const uncovered = proposed({ commands });
    uncovered.when('ApplyChange', apply, { by: theUser('adam') }).thenRejected('auth.forbidden');
    uncovered
      .when('ReviewChange', approve, { by: theUser('ida') })
      .when('ApplyChange', apply, { by: theUser('nora') })
      .thenEvents(
        ['NodeRenamed', { nodeId: nodeId('office'), name: 'hq', pinned: true }],
        ['ChangeApplied', { ...apply, events: 1, until: null, by: nora }],
      );
  });

  test('does not let a change give its own proposer the right to go on', () => {
    const commands = [
      { type: 'ChangeUserRole', data: { userId: 'user_nora', role: 'admin' } },
      { type: 'SuspendUser', data: { userId: 'user_bob' } },
    ] as const;
    proposed({ commands })
      .when('ReviewChange', approve, { by: theUser('ned') })
      .when('ApplyChange', apply, { by: theUser('nora') })
      .thenRejected('auth.forbidden', { where: 'commands[0]' });
  });

  test('would not take back what somebody else has published in the meantime', () => {
    const commands = [{ type: 'PublishAcl', data: { text: '{"acls": [], "groups": {}}' } }] as const;
    approved({ commands })
      .when('PublishAcl', { text: '{"acls": []}' })
      .when('ApplyChange', apply, { by: theUser('nora') })
      .thenRejected('policy.stale_base');
  });

  test('goes ahead in an emergency, which is recorded', () => {
    proposed()
      .when('ApplyChange', apply, { by: theUser('ned'), emergency: 'now' })
      .thenRejected('change.emergency_not_permitted')
      .when('ApplyChange', apply, { by: theUser('adam'), emergency: 'the office is cut off', id: '-2' })
      .thenEvents(
        ['RouteApproved', { ...approveRoute, by: 'admin' }],
        [
          'ChangeApplied',
          { ...apply, events: 1, until: null, by: { kind: 'user', id: 'user_adam', person: 'user_adam' } },
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
    const revoke = { type: 'RevokeRoute', data: approveRoute } as const;
    const undo = proposal({ changeId: 'c2', commands: [revoke], reverts: { changeId: 'c1' } });
    const { state } = approved()
      .when('ApplyChange', apply, { by: theUser('nora') })
      .when('ProposeChange', undo, { by: theUser('nora') })
      .when('ApplyChange', { changeId: 'c2', impactDigest: '' }, { by: theUser('nora') })
      .thenEvents(
        ['RouteRevoked', { ...approveRoute, by: 'admin' }],
        ['ChangeApplied', { changeId: 'c2', impactDigest: '', events: 1, until: null, by: nora }],
        ['ChangeReverted', { changeId: 'c1', revertedBy: 'c2' }],
      );
    expect(state.changes.byId.get('c1')?.stage).toBe('reverted');
  });
});

describe('a change in time', () => {
  const HOUR = 3_600_000;

  test('is scheduled for the future only', () => {
    approved()
      .when('ScheduleChange', { changeId: 'c1', at: LATER }, { by: theUser('nora') })
      .thenRejected('input.bad_deadline')
      .when('ScheduleChange', { changeId: 'c1', at: LATER + 1 }, { by: theUser('nora') })
      .thenEvents(['ChangeScheduled', { changeId: 'c1', at: LATER + 1, by: nora }])
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
      .when('ApplyChange', apply, { by: theUser('nora') })
      .when('FailChange', { changeId: 'c1', stage: 'open', code: 'node.unknown', message: 'it is gone' })
      .thenNothing();
  });

  test('that is temporary ends when it is due, and not before', () => {
    const by = { kind: 'system', id: 'test' } as const;
    const expire = { changeId: 'c1', commands: [{ type: 'RevokeRoute', data: approveRoute }] } as const;
    const { state } = approved({ lasts: HOUR })
      .when('ApplyChange', apply, { by: theSystem })
      .thenEvents(
        ['RouteApproved', { ...approveRoute, by: 'admin' }],
        ['ChangeApplied', { ...apply, events: 1, until: LATER + HOUR, by }],
      )
      .when('ExpireChange', expire, { at: LATER + HOUR - 1 })
      .thenRejected('change.not_due')
      .when('ExpireChange', expire, { at: LATER + HOUR })
      .thenEvents(['RouteRevoked', { ...approveRoute, by: 'admin' }], ['ChangeExpired', { changeId: 'c1', events: 1 }])
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
      .thenEvents(['ChangeWithdrawn', { changeId: 'c1', by: nora }])
      .when('WithdrawChange', { changeId: 'c1' }, { by: theUser('nora') })
      .thenNothing();
    expect(proposed().when('WithdrawChange', { changeId: 'c1' }, { by: theUser('adam') }).events).toHaveLength(1);
  });
});

test('so many ended changes are remembered, and no more', () => {
  let scenario = given(tailnet);
  for (let i = 0; i < 205; i++) {
    scenario = scenario
      .when('ProposeChange', proposal({ changeId: `c${i}` }), { by: theUser('nora') })
      .when('WithdrawChange', { changeId: `c${i}` });
  }
  const { byId, ended } = scenario.state.changes;
  expect([byId.size, ended.length, byId.has('c4'), byId.has('c5')]).toEqual([200, 200, false, true]);
});
