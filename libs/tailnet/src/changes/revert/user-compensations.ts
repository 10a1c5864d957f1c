import type { CredentialEvents } from '../../credentials/credential-events.js';
import type { TailnetEvent } from '../../events.js';
import type { TailnetState } from '../../state.js';
import type { UserEvents } from '../../users/user-events.js';
import type { Compensations, Revertible } from './compensation.js';

const done = (impossible: string) => () => ({ impossible });

const suspension = (userId: string): Revertible => ({
  aspect: ({ users }) => users.get(userId)?.suspended,
  restore: ({ users }) => [{ type: users.get(userId)?.suspended ? 'SuspendUser' : 'ResumeUser', data: { userId } }],
});

export const userCompensations: Compensations<UserEvents & CredentialEvents> = {
  UserJoined: ({ userId, login }) => ({
    aspect: ({ users }) => users.has(userId),
    restore: () => [{ type: 'RemoveUser', data: { userId } }],
    neededBy: (event, now) => belongsTo(userId, event, now) || names(login, event, now),
  }),

  UserNamed: done('what an issuer calls somebody is for the issuer to change'),

  UserRoleChanged: ({ userId }) => ({
    aspect: ({ users }) => users.get(userId)?.role,
    restore: ({ users }) => {
      const role = users.get(userId)?.role;
      return role === undefined
        ? 'the user was not there before'
        : [{ type: 'ChangeUserRole', data: { userId, role } }];
    },
  }),

  UserSuspended: ({ userId }) => suspension(userId),
  UserResumed: ({ userId }) => suspension(userId),
  UserRemoved: done('the nodes and keys of a user who was removed are gone: add the user again'),
  PersonErased: done('what was erased cannot be read again'),

  GroupSynced: ({ group }) => {
    const membersOf = ({ groups }: TailnetState) => [...(groups.get(group) ?? [])].sort();
    return {
      aspect: membersOf,
      restore: (before) => [{ type: 'SyncGroup', data: { group, members: membersOf(before) } }],
    };
  },

  AuthKeyIssued: ({ keyId }) => ({
    aspect: ({ authKeys }) => authKeys.get(keyId)?.revoked === false,
    restore: () => [{ type: 'RevokeAuthKey', data: { keyId } }],
  }),
  AuthKeyRevoked: done('a revoked key stays worthless: make a new one'),

  ApiTokenIssued: ({ tokenId }) => ({
    aspect: ({ apiTokens }) => apiTokens.get(tokenId)?.revoked === false,
    restore: () => [{ type: 'RevokeApiToken', data: { tokenId } }],
  }),
  ApiTokenRevoked: done('a revoked token stays worthless: make a new one'),
};

/** Whether the event gave the user something that is still theirs. */
function belongsTo(userId: string, { type, data }: TailnetEvent, now: TailnetState): boolean {
  switch (type) {
    case 'NodeJoined':
    case 'NodeReauthenticated':
      return data.userId === userId && now.nodes.get(data.nodeId)?.userId === userId;
    case 'AuthKeyIssued':
      return data.userId === userId && now.authKeys.get(data.keyId)?.revoked === false;
    case 'ApiTokenIssued':
      return data.userId === userId && now.apiTokens.get(data.tokenId)?.revoked === false;
    default:
      return false;
  }
}

/** Whether the event is about somebody by name, who would be nobody. */
const names = (login: string, { type, data }: TailnetEvent, { policy }: TailnetState): boolean =>
  type === 'AclPublished' && data.text === policy.text && data.text.includes(JSON.stringify(login));
