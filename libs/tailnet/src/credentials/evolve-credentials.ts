import type { Evolvers } from '../evolver.js';
import type { TailnetState } from '../state.js';
import type { CredentialEvents } from './credential-events.js';

export const evolveCredentials: Evolvers<CredentialEvents> = {
  AuthKeyIssued: (state, data, { recordedAt }) => ({
    ...state,
    authKeys: state.authKeys.set(data.keyId, {
      id: data.keyId,
      secretHash: data.secretHash,
      userId: data.userId,
      tags: data.tags,
      reusable: data.reusable,
      ephemeral: data.ephemeral,
      preapproved: data.preapproved,
      expiresAt: data.expiresAt,
      description: data.description,
      revoked: false,
      uses: 0,
      issuedAt: recordedAt,
    }),
  }),

  AuthKeyRevoked: (state, { keyId }) => {
    const key = state.authKeys.get(keyId);
    return key ? { ...state, authKeys: state.authKeys.set(keyId, { ...key, revoked: true }) } : state;
  },

  ApiTokenIssued: (state, { tokenId, secretHash, role, userId, description, expiresAt }, { recordedAt }) => ({
    ...state,
    apiTokens: state.apiTokens.set(tokenId, {
      id: tokenId,
      secretHash,
      role,
      ...(userId !== undefined && { userId }),
      description,
      expiresAt,
      revoked: false,
      issuedAt: recordedAt,
    }),
  }),

  ApiTokenRevoked: (state, { tokenId }) => {
    const token = state.apiTokens.get(tokenId);
    return token ? { ...state, apiTokens: state.apiTokens.set(tokenId, { ...token, revoked: true }) } : state;
  },
};

/** A node has logged in with this key. */
export function useAuthKey(state: TailnetState, keyId: string | undefined): TailnetState {
  const key = keyId === undefined ? undefined : state.authKeys.get(keyId);
  return key ? { ...state, authKeys: state.authKeys.set(key.id, { ...key, uses: key.uses + 1 }) } : state;
}
