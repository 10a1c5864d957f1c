/**
 * The commands that can be proposed for review instead of run: what a person decides about a tailnet. Not among them:
 * what a machine does for itself, what hands out a secret once, and what is itself part of a review.
 */
export const PROPOSABLE = [
  'ChangeSettings',
  'SetReviewRules',
  'AddUser',
  'ChangeUserRole',
  'SuspendUser',
  'ResumeUser',
  'RemoveUser',
  'SyncGroup',
  'RevokeAuthKey',
  'RevokeApiToken',
  'ApproveNode',
  'RenameNode',
  'TagNode',
  'ExpireNode',
  'SetNodeExpiry',
  'RemoveNode',
  'ApproveRoute',
  'RevokeRoute',
  'PublishAcl',
  'ConfigureDns',
] as const;

export type ProposableType = (typeof PROPOSABLE)[number];

export const isProposable = (type: string): type is ProposableType => (PROPOSABLE as readonly string[]).includes(type);
