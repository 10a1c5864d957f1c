import type { Problem } from '#kernel';

/** What a caller can do about a problem; each way of answering has a status for each. */
export type ProblemKind =
  | 'unauthenticated'
  | 'forbidden'
  | 'unknown'
  | 'stale'
  | 'unconditional'
  | 'conflict'
  | 'mismatch'
  | 'invalid'
  | 'unavailable'
  | 'internal';

/** The first that fits decides. */
const KINDS: readonly (readonly [RegExp, ProblemKind])[] = [
  [/^internal$/, 'internal'],
  [
    /^auth\.(forbidden|role_out_of_reach|suspended)$|[._]not_permitted$|\.(wrong_machine_key|review_required)$/,
    'forbidden',
  ],
  [/^oidc\.unreachable$/, 'unavailable'],
  [/^oidc\.|^login\.denied$|^user\.suspended$/, 'forbidden'],
  [/^auth\./, 'unauthenticated'],
  [/\.unknown$|^http\.not_found$/, 'unknown'],
  [/\.stale_revision$/, 'stale'],
  [/^http\.condition_required$/, 'unconditional'],
  [/^command\.id_reused$/, 'mismatch'],
  [/^conflict\.|\.(exists|id_taken|name_taken|key_taken|last_owner|last_admin|exhausted)$/, 'conflict'],
  [
    /^revert\.|\.(stale_base|closed|needs_approvals|approvals_lapsed|impact_moved|not_applied|not_due|too_many)$/,
    'conflict',
  ],
  [
    /^(store|register|people|chain|control|state)\.|^tailnet\.paused$|^event\.(unknown_type|newer_|malformed)/,
    'unavailable',
  ],
];

/** Whatever is not said otherwise is the caller's to mend. */
export const kindOf = ({ code }: Problem): ProblemKind =>
  KINDS.find(([pattern]) => pattern.test(code))?.[1] ?? 'invalid';
