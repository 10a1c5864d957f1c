import type { TailnetEvent } from '../../events.js';
import type { Node } from '../../nodes/node.js';
import type { NodeEvents } from '../../nodes/node-events.js';
import type { RouteEvents } from '../../routes/route-events.js';
import type { TailnetState } from '../../state.js';
import type { ProposedCommand } from '../change-commands.js';
import type { Compensation, Compensations } from './compensation.js';

const done = (impossible: string) => () => ({ impossible });

/** A part of a node, and how it is set. */
const ofNode = (
  nodeId: string,
  aspect: (node: Node) => unknown,
  restore: (before: Node) => readonly ProposedCommand[] | string,
): Compensation => ({
  aspect: ({ nodes }) => {
    const node = nodes.get(nodeId);
    return node && aspect(node);
  },
  restore: ({ nodes }) => {
    const node = nodes.get(nodeId);
    return node ? restore(node) : 'the node was not there before';
  },
});

/** What sets the expiry of a key to what it was. */
const expiry = (nodeId: string, { keyExpiresAt, expired }: Node): readonly ProposedCommand[] => [
  { type: 'SetNodeExpiry', data: { nodeId, keyExpiresAt } },
  ...(expired ? [{ type: 'ExpireNode', data: { nodeId } } as const] : []),
];

const expiryOf = ({ keyExpiresAt, expired }: Node) => ({ keyExpiresAt, expired });

type Routing = RouteEvents['RouteApproved'];

const routing = ({ nodeId, prefix, by }: Routing): Compensation => {
  if (by === 'policy') return 'follows';
  const isApproved = ({ nodes }: TailnetState) => nodes.get(nodeId)?.routes.get(prefix)?.approved ?? false;
  return {
    aspect: isApproved,
    restore: (before) => [{ type: isApproved(before) ? 'ApproveRoute' : 'RevokeRoute', data: { nodeId, prefix } }],
  };
};

export const nodeCompensations: Compensations<NodeEvents & RouteEvents> = {
  NodeJoined: ({ nodeId, ipv4, ipv6 }) => ({
    aspect: ({ nodes }) => nodes.has(nodeId),
    restore: () => [{ type: 'RemoveNode', data: { nodeId, reason: 'removed' } }],
    neededBy: (event, now) => isAbout(nodeId, [ipv4, ipv6], event, now),
  }),
  NodeReauthenticated: done('a machine that logged in did so itself: expire its key, or remove it'),
  NodeApproved: done('a node that was let in has been in: expire its key, or remove it'),

  NodeRenamed: ({ nodeId }) =>
    ofNode(
      nodeId,
      ({ name, namePinned }) => ({ name, namePinned }),
      ({ name, namePinned }) => [{ type: 'RenameNode', data: { nodeId, name: namePinned ? name : null } }],
    ),

  HostnameChanged: done('a machine says itself what it is called'),

  NodeTagged: ({ nodeId }) =>
    ofNode(
      nodeId,
      (node) => ({ tags: node.tags, userId: node.userId, ...expiryOf(node) }),
      (before) => {
        if (before.tags.length === 0) return 'it was a person’s before, and must log in again to be theirs';
        const tag = { type: 'TagNode', data: { nodeId, tags: before.tags } } as const;
        const lasting = before.keyExpiresAt === null && !before.expired;
        return lasting ? [tag] : [tag, ...expiry(nodeId, before)];
      },
    ),

  KeyRotated: done('a machine does not have its old key any more'),
  NodeExpired: ({ nodeId }) => ofNode(nodeId, expiryOf, (before) => expiry(nodeId, before)),
  NodeExpiryChanged: ({ nodeId }) => ofNode(nodeId, expiryOf, (before) => expiry(nodeId, before)),
  NodeRemoved: done('a machine that was removed has to join again'),
  RouteAdvertised: done('a machine says itself what it offers: revoke the route'),
  RouteWithdrawn: done('a machine says itself what it offers'),
  RouteApproved: routing,
  RouteRevoked: routing,
};

/** Whether the event settled something about the node or its addresses that still holds. */
function isAbout(
  nodeId: string,
  addresses: readonly string[],
  { type, data }: TailnetEvent,
  now: TailnetState,
): boolean {
  switch (type) {
    case 'RouteApproved':
      return (
        data.by === 'admin' && data.nodeId === nodeId && now.nodes.get(nodeId)?.routes.get(data.prefix)?.by === 'admin'
      );
    case 'DnsConfigured':
      return data.records.some(
        ({ name, value }) =>
          addresses.includes(value) && now.dns.records.some((one) => one.name === name && one.value === value),
      );
    case 'AclPublished':
      return data.text === now.policy.text && addresses.some((address) => data.text.includes(address));
    default:
      return false;
  }
}
