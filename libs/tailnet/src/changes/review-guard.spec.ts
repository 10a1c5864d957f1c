import { describe, expect, test } from '@jest/globals';
import { given } from '../testing/given.js';
import { OFFICE_ROUTE, REVIEW_RULE, reviewedTailnet } from '../testing/reviewed-tailnet.js';
import { aTailnet, nodeId, theNode, theToken, theUser } from '../testing/tailnet-builder.js';
import type { ReviewRule } from './review-rule.js';

describe('a command that a rule covers', () => {
  test('is refused, and the answer says what to do', () => {
    given(reviewedTailnet)
      .when('ApproveRoute', OFFICE_ROUTE, { by: theUser('nora') })
      .thenRejected('change.review_required', {
        message: 'ApproveRoute needs 2 approvals (network-admin)',
        hint: 'propose it instead: netfold change propose',
      });
  });

  test('is not refused to the system, nor another command to anyone', () => {
    given(reviewedTailnet)
      .when('ApproveRoute', OFFICE_ROUTE)
      .thenEvents(['RouteApproved', { ...OFFICE_ROUTE, by: 'admin' }]);
    given(reviewedTailnet)
      .when('RenameNode', { nodeId: nodeId('office'), name: 'hq' }, { by: theUser('adam') })
      .thenEvents(['NodeRenamed', { nodeId: nodeId('office'), name: 'hq', pinned: true }]);
  });

  test('about itself is a machine’s own business', () => {
    given(
      reviewedTailnet.with('ReviewRulesChanged', {
        rules: [{ commands: ['ExpireNode'], approvals: 1, role: 'admin' }],
      }),
    )
      .when('ExpireNode', { nodeId: nodeId('office') }, { by: theNode('office') })
      .thenEvents(['NodeExpired', { nodeId: nodeId('office') }]);
  });

  test('about what is their own is the business of people who may do no more', () => {
    given(
      reviewedTailnet.with('ReviewRulesChanged', {
        rules: [{ commands: ['RemoveNode'], approvals: 1, role: 'admin' }],
      }),
    )
      .when('RemoveNode', { nodeId: nodeId('office'), reason: 'removed' }, { by: theUser('adam') })
      .thenRejected('change.review_required')
      .when('RemoveNode', { nodeId: nodeId('office'), reason: 'removed' }, { by: theUser('bob') })
      .thenEvents(['NodeRemoved', { nodeId: nodeId('office'), reason: 'removed' }]);
  });

  test('runs in an emergency, which is recorded until somebody else has seen it', () => {
    const adam = { kind: 'user', id: 'user_adam', person: 'user_adam' } as const;
    const burning = given(reviewedTailnet)
      .when('ApproveRoute', OFFICE_ROUTE, {
        by: theUser('adam'),
        emergency: 'the office is cut off',
        id: '-fire:print',
      })
      .thenEvents(
        ['RouteApproved', { ...OFFICE_ROUTE, by: 'admin' }],
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
    given(reviewedTailnet)
      .when('ApproveRoute', OFFICE_ROUTE, { by: theUser('adam'), emergency: ' ' })
      .thenRejected('change.no_reason');
    given(reviewedTailnet)
      .when('ApproveRoute', OFFICE_ROUTE, { by: theUser('nora'), emergency: 'now' })
      .thenRejected('change.emergency_not_permitted');
  });

  test('does not run in an emergency that nobody answers for', () => {
    given(reviewedTailnet.withToken('ci', 'admin'))
      .when('ApproveRoute', OFFICE_ROUTE, { by: theToken('ci'), emergency: 'now' })
      .thenRejected('change.nobody_not_permitted');
  });

  test('where no rule applies, an emergency is none', () => {
    given(reviewedTailnet)
      .when('RenameNode', { nodeId: nodeId('office'), name: 'hq' }, { by: theUser('adam'), emergency: 'now' })
      .thenEvents(['NodeRenamed', { nodeId: nodeId('office'), name: 'hq', pinned: true }]);
  });
});

describe('SetReviewRules', () => {
  test('is itself covered by the strictest rule, unless a rule names it', () => {
    given(reviewedTailnet)
      .when('SetReviewRules', { rules: [] }, { by: theUser('olga') })
      .thenRejected('change.review_required', { message: 'SetReviewRules needs 2 approvals (network-admin)' });
    const own: ReviewRule = { commands: ['SetReviewRules'], approvals: 1, role: 'owner' };
    given(reviewedTailnet.with('ReviewRulesChanged', { rules: [REVIEW_RULE, own] }))
      .when('SetReviewRules', { rules: [] }, { by: theUser('olga') })
      .thenRejected('change.review_required', { message: 'SetReviewRules needs 1 approval (owner)' });
  });

  test('is free while there are no rules; the commands of a rule are a set', () => {
    given(aTailnet().withUser('olga', 'owner').withUser('adam', 'admin'))
      .when(
        'SetReviewRules',
        { rules: [{ ...REVIEW_RULE, commands: ['PublishAcl', 'ApproveRoute', 'PublishAcl'], approvals: 1 }] },
        { by: theUser('olga') },
      )
      .thenEvents([
        'ReviewRulesChanged',
        { rules: [{ ...REVIEW_RULE, commands: ['ApproveRoute', 'PublishAcl'], approvals: 1 }] },
      ])
      .when('SetReviewRules', { rules: [{ ...REVIEW_RULE, approvals: 1 }] })
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
    const scenario = given(reviewedTailnet).when('SetReviewRules', { rules: [{ ...REVIEW_RULE, ...bad }] });
    if (code === '') expect(scenario.events).toHaveLength(1);
    else scenario.thenRejected(code, { where: 'rules[0]' });
  });
});
