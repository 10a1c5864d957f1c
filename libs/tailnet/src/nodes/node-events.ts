import { address, flag, listOf, number, oneOf, optional, orNull, type Shapes, text } from '../shape.js';

export type RemovalReason = 'removed' | 'logout' | 'ephemeral' | 'user-removed';

export interface NodeEvents {
  NodeJoined: {
    readonly nodeId: string;
    readonly machineKey: string;
    readonly nodeKey: string;
    readonly name: string;
    readonly hostname: string;
    readonly os: string;
    readonly userId?: string;
    readonly tags: readonly string[];
    readonly ipv4: string;
    readonly ipv6: string;
    readonly authKeyId?: string;
    readonly ephemeral: boolean;
    readonly approved: boolean;
    readonly keyExpiresAt: number | null;
  };
  /** A machine that is a member already has logged in again: id, name and addresses stay, its identity may be another. */
  NodeReauthenticated: {
    readonly nodeId: string;
    readonly nodeKey: string;
    readonly hostname: string;
    readonly os: string;
    readonly userId?: string;
    readonly tags: readonly string[];
    readonly authKeyId?: string;
    readonly ephemeral: boolean;
    readonly approved: boolean;
    readonly keyExpiresAt: number | null;
  };
  NodeApproved: { readonly nodeId: string };
  /** Pinned: a person chose the name; otherwise it was made from the hostname. */
  NodeRenamed: { readonly nodeId: string; readonly name: string; readonly pinned: boolean };
  HostnameChanged: { readonly nodeId: string; readonly hostname: string; readonly os: string };
  /** The node has exactly these tags, and so belongs to no user and its key does not expire. */
  NodeTagged: { readonly nodeId: string; readonly tags: readonly string[] };
  KeyRotated: { readonly nodeId: string; readonly nodeKey: string; readonly keyExpiresAt: number | null };
  NodeExpired: { readonly nodeId: string };
  /** The key is valid, until then. */
  NodeExpiryChanged: { readonly nodeId: string; readonly keyExpiresAt: number | null };
  NodeRemoved: { readonly nodeId: string; readonly reason: RemovalReason };
}

const login = {
  nodeId: text,
  nodeKey: text,
  hostname: text,
  os: text,
  userId: optional(text),
  tags: listOf(text),
  authKeyId: optional(text),
  ephemeral: flag,
  approved: flag,
  keyExpiresAt: orNull(number),
};

export const NODE_EVENTS: Shapes<NodeEvents> = {
  NodeJoined: { ...login, machineKey: text, name: text, ipv4: address(4), ipv6: address(6) },
  NodeReauthenticated: login,
  NodeApproved: { nodeId: text },
  NodeRenamed: { nodeId: text, name: text, pinned: flag },
  HostnameChanged: { nodeId: text, hostname: text, os: text },
  NodeTagged: { nodeId: text, tags: listOf(text) },
  KeyRotated: { nodeId: text, nodeKey: text, keyExpiresAt: orNull(number) },
  NodeExpired: { nodeId: text },
  NodeExpiryChanged: { nodeId: text, keyExpiresAt: orNull(number) },
  NodeRemoved: { nodeId: text, reason: oneOf('removed', 'logout', 'ephemeral', 'user-removed') },
};
