import { Set as PersistentSet } from 'immutable';
import type { Evolvers } from '../evolver.js';
import type { TailnetState } from '../state.js';
import type { User } from './user.js';
import type { UserEvents } from './user-events.js';

export const evolveUsers: Evolvers<UserEvents> = {
  UserJoined: (state, { userId, login, displayName, role }, { recordedAt }) => {
    const without = removeUser(state, userId);
    return {
      ...without,
      users: without.users.set(userId, {
        id: userId,
        login,
        displayName,
        role,
        suspended: false,
        joinedAt: recordedAt,
      }),
      userByLogin: without.userByLogin.set(login, userId),
    };
  },

  UserNamed: (state, { userId, displayName }) => changeUser(state, userId, { displayName }),

  UserRoleChanged: (state, { userId, role }) => changeUser(state, userId, { role }),

  UserSuspended: (state, { userId }) => changeUser(state, userId, { suspended: true }),

  UserResumed: (state, { userId }) => changeUser(state, userId, { suspended: false }),

  UserRemoved: (state, { userId }) => removeUser(state, userId),

  // Whoever folds the events with the key gone sees another name in this one's place.
  PersonErased: (state, { personId }) => ({ ...state, erased: state.erased.add(personId) }),

  GroupSynced: (state, { group, members }) => {
    const next = PersistentSet(members);
    const before = state.groups.get(group, PersistentSet<string>());
    const groupsByLogin = state.groupsByLogin.withMutations((index) => {
      for (const login of before.subtract(next)) {
        const left = index.get(login, PersistentSet<string>()).delete(group);
        if (left.isEmpty()) index.delete(login);
        else index.set(login, left);
      }
      for (const login of next.subtract(before)) {
        index.update(login, PersistentSet<string>(), (groups) => groups.add(group));
      }
    });
    const groups = next.isEmpty() ? state.groups.delete(group) : state.groups.set(group, next);
    return { ...state, groups, groupsByLogin };
  },
};

function changeUser(state: TailnetState, userId: string, change: Partial<User>): TailnetState {
  const user = state.users.get(userId);
  return user ? { ...state, users: state.users.set(userId, { ...user, ...change }) } : state;
}

function removeUser(state: TailnetState, userId: string): TailnetState {
  const user = state.users.get(userId);
  if (!user) return state;
  const indexed = state.userByLogin.get(user.login) === userId;
  return {
    ...state,
    users: state.users.delete(userId),
    userByLogin: indexed ? state.userByLogin.delete(user.login) : state.userByLogin,
  };
}
