import type { Problem } from '#kernel';
import type { Role } from '#policy';
import type { TailnetState } from '../state.js';
import type { User } from './user.js';

/**
 * Why this user may not lose the role, be suspended or be removed, if nobody would be left to run the tailnet.
 * @param next the role that the user is to have instead; undefined when none at all
 */
export function refuseToLoseLastAdmin(state: TailnetState, user: User, next?: Role): Problem | undefined {
  if (user.suspended) return undefined;
  const others = state.users.valueSeq().filter((other) => other.id !== user.id && !other.suspended);
  const hint = 'give the role to someone else first';
  if (user.role === 'owner' && !others.some(({ role }) => role === 'owner')) {
    return { code: 'user.last_owner', message: `${user.login} is the last owner`, hint };
  }
  if (user.role === 'admin' && next !== 'owner' && !others.some(({ role }) => role === 'owner' || role === 'admin')) {
    return { code: 'user.last_admin', message: `${user.login} is the last admin`, hint };
  }
  return undefined;
}
