import { NetfoldError } from '#kernel';
import type { Change, TailnetState } from '#tailnet';

/** @throws NetfoldError `change.unknown` */
export function findChange({ changes }: TailnetState, changeId: string): Change {
  const change = changes.byId.get(changeId);
  if (change) return change;
  throw new NetfoldError({
    code: 'change.unknown',
    message: `there is no change ${JSON.stringify(changeId)}`,
    where: 'change',
    hint: 'netfold change list shows all changes',
  });
}
