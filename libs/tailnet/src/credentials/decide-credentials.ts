import type { Problem } from '#kernel';
import { mayManage } from '../authorise.js';
import { ALREADY_SO, type Deciders, type Request, record, reject } from '../decider.js';
import { badDeadline, badId, badKey, badText } from '../input.js';
import { badTags, sortedTags } from '../nodes/tags.js';
import type { TailnetState } from '../state.js';
import type { CredentialCommands } from './credential-commands.js';

export const decideCredentials: Deciders<CredentialCommands> = {
  IssueAuthKey: (state, data, request) => {
    const { keyId, secretHash, reusable, ephemeral, preapproved, expiresAt, description } = data;
    const present = state.authKeys.get(keyId);
    if (present?.secretHash === secretHash) return ALREADY_SO;
    if (present) return reject({ code: 'auth_key.id_taken', message: `there is an auth key ${keyId} already` });
    const tags = sortedTags(data.tags);
    const userId = keyOwner(data, request);
    const problem =
      badSecret(keyId, secretHash, description) ??
      badDeadline(expiresAt, request.now, 'expiresAt') ??
      badTags(state, tags) ??
      badOwner(state, userId, tags, request);
    if (problem) return reject(problem);
    const identity = userId === undefined ? { tags } : { userId, tags };
    return record('AuthKeyIssued', {
      keyId,
      secretHash,
      ...identity,
      reusable,
      ephemeral,
      preapproved,
      expiresAt,
      description,
    });
  },

  RevokeAuthKey: (state, { keyId }) => {
    const key = state.authKeys.get(keyId);
    if (!key) return reject({ code: 'auth_key.unknown', message: `there is no auth key ${keyId}`, where: 'keyId' });
    return key.revoked ? ALREADY_SO : record('AuthKeyRevoked', { keyId });
  },

  IssueApiToken: (state, { tokenId, secretHash, role, userId, description, expiresAt }, request) => {
    const { now, standing } = request;
    const present = state.apiTokens.get(tokenId);
    if (present?.secretHash === secretHash) return ALREADY_SO;
    if (present) return reject({ code: 'api_token.id_taken', message: `there is an API token ${tokenId} already` });
    const problem = badSecret(tokenId, secretHash, description) ?? badDeadline(expiresAt, now, 'expiresAt');
    if (problem) return reject(problem);
    if (!mayManage(standing, role)) {
      const message = `acting as ${standing}, one may not issue a token with the role ${role}`;
      return reject({ code: 'auth.role_out_of_reach', message, where: 'role' });
    }
    const stranger = badPerson(state, userId, request);
    if (stranger) return reject(stranger);
    const person = userId === undefined ? {} : { userId };
    return record('ApiTokenIssued', { tokenId, secretHash, role, ...person, description, expiresAt });
  },

  RevokeApiToken: (state, { tokenId }, { standing }) => {
    const token = state.apiTokens.get(tokenId);
    if (!token) return reject({ code: 'api_token.unknown', message: `there is no API token ${tokenId}` });
    if (token.revoked) return ALREADY_SO;
    if (mayManage(standing, token.role)) return record('ApiTokenRevoked', { tokenId });
    const message = `acting as ${standing}, one may not revoke a token with the role ${token.role}`;
    return reject({ code: 'auth.role_out_of_reach', message });
  },
};

const badSecret = (id: string, secretHash: string, description: string): Problem | undefined =>
  badId(id, 'id') ?? badKey(secretHash, 'secretHash') ?? badText(description, 'description');

/** Tagged nodes belong to no one; otherwise the key is for the user it names, or for whoever issues it. */
function keyOwner(data: CredentialCommands['IssueAuthKey'], { person }: Request): string | undefined {
  return data.userId ?? (data.tags.length === 0 ? person : undefined);
}

/** What a token does is done in its user's name, so that only owners make one for somebody else. */
function badPerson(
  state: TailnetState,
  userId: string | undefined,
  { person, standing }: Request,
): Problem | undefined {
  if (userId === undefined) return undefined;
  const where = 'userId';
  if (!state.users.has(userId)) return { code: 'user.unknown', message: `there is no user ${userId}`, where };
  if (person === userId || standing === 'owner' || standing === 'system') return undefined;
  const message = `acting as ${standing}, one may not issue a token in the name of somebody else`;
  return { code: 'auth.role_out_of_reach', message, where };
}

function badOwner(
  state: TailnetState,
  userId: string | undefined,
  tags: readonly string[],
  { person, standing }: Request,
): Problem | undefined {
  const where = 'userId';
  if (userId === undefined) {
    if (tags.length > 0) return undefined;
    const hint = 'name a user or at least one tag';
    return { code: 'auth_key.no_identity', message: 'nodes that join with this key would be nobody', hint };
  }
  if (tags.length > 0) {
    const hint = 'leave out the user or the tags';
    return { code: 'auth_key.two_identities', message: 'tagged nodes belong to no user', where, hint };
  }
  const user = state.users.get(userId);
  if (!user) return { code: 'user.unknown', message: `there is no user ${userId}`, where };
  if (person === userId || mayManage(standing, user.role)) return undefined;
  const message = `acting as ${standing}, one may not issue keys for users with the role ${user.role}`;
  return { code: 'auth.role_out_of_reach', message, where };
}
