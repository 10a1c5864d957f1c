import { NetfoldError } from '#kernel';
import type { TailnetState } from '#tailnet';

/** The user that an id or a login names. @throws NetfoldError `user.unknown` */
export function userIdOf(state: TailnetState, idOrLogin: string): string {
  const id = state.users.has(idOrLogin) ? idOrLogin : state.userByLogin.get(idOrLogin.toLowerCase());
  if (id !== undefined) return id;
  throw unknownUser(idOrLogin);
}

export const unknownUser = (idOrLogin: string): NetfoldError =>
  new NetfoldError({
    code: 'user.unknown',
    message: `there is no user ${JSON.stringify(idOrLogin)}`,
    where: 'user',
    hint: 'netfold user list shows all users',
  });

/** The groups that a login is in, those of the policy and the synced ones; sorted. */
export function groupsOf({ policy, groupsByLogin }: TailnetState, login: string): readonly string[] {
  const written = [...(policy.policy?.groups ?? [])]
    .filter(([, members]) => members.includes(login))
    .map(([name]) => name);
  return [...new Set([...written, ...(groupsByLogin.get(login) ?? [])])].sort();
}

/** The first of the tailnet's owners who may still act. */
export const ownerIdOf = (state: TailnetState): string | undefined =>
  state.users.find(({ role, suspended }) => role === 'owner' && !suspended)?.id;
