import { Map as PersistentMap } from 'immutable';
import { useAuthKey } from '../credentials/evolve-credentials.js';
import type { Evolvers } from '../evolver.js';
import { isFromPolicyPool } from './addresses.js';
import type { Node } from './node.js';
import type { NodeEvents } from './node-events.js';
import { changeNode, dropNode, putNode } from './node-index.js';

export const evolveNodes: Evolvers<NodeEvents> = {
  NodeJoined: (state, data, { recordedAt }) => ({
    ...putNode(useAuthKey(state, data.authKeyId), {
      ...loginOf(data),
      id: data.nodeId,
      machineKey: data.machineKey,
      name: data.name,
      namePinned: false,
      ipv4: data.ipv4,
      ipv6: data.ipv6,
      routes: PersistentMap(),
      joinedAt: recordedAt,
      keySince: recordedAt,
    }),
    lastIpv4: isFromPolicyPool(state, data.ipv4) ? state.lastIpv4 : data.ipv4,
  }),

  NodeReauthenticated: (state, data, { recordedAt }) =>
    changeNode(useAuthKey(state, data.authKeyId), data.nodeId, { ...loginOf(data), keySince: recordedAt }),

  NodeApproved: (state, { nodeId }) => changeNode(state, nodeId, { approved: true }),

  NodeRenamed: (state, { nodeId, name, pinned }) => changeNode(state, nodeId, { name, namePinned: pinned }),

  HostnameChanged: (state, { nodeId, hostname, os }) => changeNode(state, nodeId, { hostname, os }),

  NodeTagged: (state, { nodeId, tags }) =>
    changeNode(state, nodeId, { tags, userId: undefined, keyExpiresAt: null, expired: false }),

  KeyRotated: (state, { nodeId, nodeKey, keyExpiresAt }, { recordedAt }) =>
    changeNode(state, nodeId, { nodeKey, keyExpiresAt, keySince: recordedAt }),

  NodeExpired: (state, { nodeId }) => changeNode(state, nodeId, { expired: true }),

  NodeExpiryChanged: (state, { nodeId, keyExpiresAt }) => changeNode(state, nodeId, { keyExpiresAt, expired: false }),

  NodeRemoved: (state, { nodeId }) => dropNode(state, nodeId),
};

type Login = Omit<NodeEvents['NodeReauthenticated'], 'nodeId'>;

/** What a login, the first or a later one, sets. */
function loginOf(data: Login): Omit<Login, 'userId'> & Pick<Node, 'userId' | 'expired'> {
  const { nodeKey, hostname, os, userId, tags, authKeyId, ephemeral, approved, keyExpiresAt } = data;
  return { nodeKey, hostname, os, userId, tags, authKeyId, ephemeral, approved, keyExpiresAt, expired: false };
}
