import type { Problem } from '#kernel';
import type { TailnetState } from '../state.js';
import type { ProposedCommand } from './change-commands.js';

/** Why the policy in a change would take back what somebody else has published since it was begun, if so. */
export function badBase(
  { policy, revision }: TailnetState,
  commands: readonly ProposedCommand[],
  baseRevision: number,
): Problem | undefined {
  if (!Number.isSafeInteger(baseRevision) || baseRevision > revision) {
    return { code: 'change.bad_base', message: `there is no revision ${baseRevision} yet`, where: 'baseRevision' };
  }
  const first = commands.find(({ type }) => type === 'PublishAcl');
  if (policy.revision <= baseRevision || first?.type !== 'PublishAcl' || first.data.text === policy.text) {
    return undefined;
  }
  return {
    code: 'policy.stale_base',
    message: `the policy was edited at revision ${policy.revision}; this edit began at ${baseRevision}`,
    where: 'baseRevision',
    hint: 'merge both edits: netfold change propose --merge, or netfold change renew',
  };
}
