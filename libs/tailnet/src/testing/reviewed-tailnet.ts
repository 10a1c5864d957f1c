import type { ReviewRule } from '../changes/review-rule.js';
import type { CommandData } from '../commands.js';
import { given } from './given.js';
import { aTailnet, nodeId, theUser } from './tailnet-builder.js';

export const OPEN_POLICY = { acls: [{ action: 'accept', src: ['*'], dst: ['*:*'] }] };

/** Routes and policies need two network admins. */
export const REVIEW_RULE: ReviewRule = {
  commands: ['ApproveRoute', 'PublishAcl'],
  approvals: 2,
  role: 'network-admin',
};

/** A tailnet with that rule, people of most roles, and a machine whose routes wait for approval. */
export const reviewedTailnet = aTailnet()
  .withUser('olga', 'owner')
  .withUser('adam', 'admin')
  .withUser('nora', 'network-admin')
  .withUser('ned', 'network-admin')
  .withUser('ida', 'it-admin')
  .withUser('aude', 'auditor')
  .withUser('bob')
  .withPolicy(OPEN_POLICY)
  .withNode('office', { user: 'bob', offers: ['10.0.0.0/8', '10.1.0.0/16'] })
  .with('ReviewRulesChanged', { rules: [REVIEW_RULE] });

export const OFFICE_ROUTE = { nodeId: nodeId('office'), prefix: '10.0.0.0/8' };

export const proposal = (more: Partial<CommandData['ProposeChange']> = {}): CommandData['ProposeChange'] => ({
  changeId: 'c1',
  title: 'reach the office',
  reason: 'we moved',
  commands: [{ type: 'ApproveRoute', data: OFFICE_ROUTE }],
  lasts: null,
  ...more,
});

export const APPROVAL = { changeId: 'c1', verdict: 'approve', impactDigest: 'd1', comment: '' } as const;
export const APPLICATION = { changeId: 'c1', impactDigest: 'd1' };

/** As the events of a change name her. */
export const NORA = { kind: 'user', id: 'user_nora', person: 'user_nora' } as const;

/** Nora has proposed the change c1. */
export const proposed = (more: Partial<CommandData['ProposeChange']> = {}) =>
  given(reviewedTailnet).when('ProposeChange', proposal(more), { by: theUser('nora') });

/** Two others have approved it. */
export const approved = (more: Partial<CommandData['ProposeChange']> = {}) =>
  proposed(more)
    .when('ReviewChange', APPROVAL, { by: theUser('ned') })
    .when('ReviewChange', APPROVAL, { by: theUser('adam') });
