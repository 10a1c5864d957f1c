import { Set as PersistentSet } from 'immutable';
import { ok, type Problem } from '#kernel';
import type { Role } from '#policy';
import { mayManage, type Standing } from '../authorise.js';
import { ALREADY_SO, type Deciders, event, type Rejection, record, reject } from '../decider.js';
import type { TailnetEvent } from '../events.js';
import { badId, badText } from '../input.js';
import type { TailnetState } from '../state.js';
import { refuseToLoseLastAdmin } from './refuse-to-lose-last-admin.js';
import type { User } from './user.js';
import type { UserCommands } from './user-commands.js';

export const decideUsers: Deciders<UserCommands> = {
  AddUser: (state, { userId, login: given, displayName, role }, { standing }) => {
    const login = canonicalLogin(given);
    const problem = badId(userId, 'userId') ?? badLogin(login) ?? badText(displayName, 'displayName');
    if (problem) return reject(problem);
    const holder = state.users.get(userId) ?? state.users.get(state.userByLogin.get(login) ?? '');
    if (holder?.id === userId && holder.login === login && holder.role === role) return ALREADY_SO;
    if (holder) return reject({ code: 'user.exists', message: `${holder.login} is the user ${holder.id} already` });
    if (!mayManage(standing, role)) return reject(outOfReach(standing, role));
    return record('UserJoined', { userId, login, displayName, role });
  },

  NameUser: ({ users }, { userId, displayName }) => {
    const user = users.get(userId);
    if (!user) return reject({ code: 'user.unknown', message: `there is no user ${userId}`, where: 'userId' });
    const problem = badText(displayName, 'displayName');
    if (problem) return reject(problem);
    if (user.displayName === displayName) return ALREADY_SO;
    return record('UserNamed', { userId, login: user.login, displayName });
  },

  ChangeUserRole: (state, { userId, role }, { standing }) => {
    const found = manageable(state, userId, standing);
    if ('code' in found) return reject(found);
    if (found.role === role) return ALREADY_SO;
    if (!mayManage(standing, role)) return reject(outOfReach(standing, role));
    const problem = refuseToLoseLastAdmin(state, found, role);
    return problem ? reject(problem) : record('UserRoleChanged', { userId, role });
  },

  SuspendUser: (state, { userId }, { standing }) => {
    const found = manageable(state, userId, standing);
    if ('code' in found) return reject(found);
    if (found.suspended) return ALREADY_SO;
    const problem = refuseToLoseLastAdmin(state, found);
    return problem ? reject(problem) : record('UserSuspended', { userId });
  },

  ResumeUser: (state, { userId }, { standing }) => {
    const found = manageable(state, userId, standing);
    if ('code' in found) return reject(found);
    return found.suspended ? record('UserResumed', { userId }) : ALREADY_SO;
  },

  RemoveUser: (state, { userId }, { standing }) => {
    const found = manageable(state, userId, standing);
    if ('code' in found) return reject(found);
    const problem = refuseToLoseLastAdmin(state, found);
    return problem ? reject(problem) : ok(removalOf(state, userId));
  },

  ErasePerson: (state, { personId, userId }, { standing }) => {
    const problem = badId(personId, 'personId');
    if (problem) return reject(problem);
    const erased = event('PersonErased', { personId });
    if (state.erased.has(personId)) return ALREADY_SO;
    if (userId === undefined) return ok([erased]);
    const found = manageable(state, userId, standing);
    if ('code' in found) return reject(found);
    const last = refuseToLoseLastAdmin(state, found);
    return last ? reject(last) : ok([...removalOf(state, userId), erased]);
  },

  SyncGroup: (state, { group, members }) => {
    const logins = [...new Set(members.map(canonicalLogin))].sort();
    const problem = badGroup(group) ?? logins.map(badLogin).find((bad) => bad !== undefined);
    if (problem) return reject(problem);
    const present = state.groups.get(group, PersistentSet<string>());
    if (present.equals(PersistentSet(logins))) return ALREADY_SO;
    return record('GroupSynced', { group, members: logins });
  },
};

/** A user goes with all that is the user's own. */
function removalOf(state: TailnetState, userId: string): TailnetEvent[] {
  const nodes = state.nodes.valueSeq().filter((node) => node.userId === userId);
  const keys = state.authKeys.valueSeq().filter((key) => key.userId === userId && !key.revoked);
  return [
    ...nodes.map(({ id }) => event('NodeRemoved', { nodeId: id, reason: 'user-removed' })),
    ...keys.map(({ id }) => event('AuthKeyRevoked', { keyId: id })),
    event('UserRemoved', { userId }),
  ];
}

/** The user, if the actor may act on users of that role; or why not. */
function manageable(state: TailnetState, userId: string, standing: Standing): User | Rejection {
  const user = state.users.get(userId);
  if (!user) return { code: 'user.unknown', message: `there is no user ${userId}`, where: 'userId' };
  return mayManage(standing, user.role) ? user : outOfReach(standing, user.role);
}

const outOfReach = (standing: Standing, role: Role): Rejection => ({
  code: 'auth.role_out_of_reach',
  message: `acting as ${standing}, one may not decide about users with the role ${role}`,
  hint: 'ask someone with a higher role',
});

/** Logins are compared without case, as identity providers do. */
const canonicalLogin = (login: string): string => login.trim().toLowerCase();

function badLogin(login: string): Problem | undefined {
  if (login.length <= 255 && /^[^\s@]+@[^\s@]+$/.test(login)) return undefined;
  const hint = 'write it like alice@example.com';
  return { code: 'user.bad_login', message: `${JSON.stringify(login)} is not a login name`, where: 'login', hint };
}

function badGroup(group: string): Problem | undefined {
  if (/^group:\S{1,120}$/.test(group)) return undefined;
  const hint = 'write it like group:eng';
  return {
    code: 'user.bad_group',
    message: `${JSON.stringify(group)} is not the name of a group`,
    where: 'group',
    hint,
  };
}
