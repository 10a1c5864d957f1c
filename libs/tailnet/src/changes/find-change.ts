import type { Problem } from '#kernel';
import type { TailnetState } from '../state.js';
import type { Change } from './change.js';

/** The change; or why there is none. */
export const findChange = (state: TailnetState, changeId: string): Change | Problem =>
  state.changes.byId.get(changeId) ?? {
    code: 'change.unknown',
    message: `there is no change ${changeId}`,
    where: 'changeId',
    hint: 'netfold change list shows all changes',
  };

/** The change, if something can still come of it; or why not. */
export function findOpen(state: TailnetState, changeId: string): Change | Problem {
  const found = findChange(state, changeId);
  if ('code' in found || found.stage === 'open') return found;
  const message = `the change ${changeId} was ${found.stage} already`;
  return { code: 'change.closed', message, hint: 'propose it again if it is still wanted' };
}
