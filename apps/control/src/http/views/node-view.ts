import type { Node, TailnetState } from '#tailnet';
import type { PresenceDirectory } from '../../presence/presence-directory.js';

/** A node as the API shows it: the facts of the ledger, and its presence at this moment. */
export interface NodeView {
  readonly id: string;
  readonly name: string;
  readonly dnsName: string;
  readonly hostname: string;
  readonly os: string;
  readonly addresses: readonly string[];
  /** The login of its owner; null for tagged nodes. */
  readonly user: string | null;
  readonly tags: readonly string[];
  readonly nodeKey: string;
  readonly machineKey: string;
  readonly ephemeral: boolean;
  readonly approved: boolean;
  readonly expired: boolean;
  /** Milliseconds since the Unix epoch, as all times here; null: never. */
  readonly keyExpiresAt: number | null;
  readonly joinedAt: number;
  readonly routes: readonly RouteView[];
  readonly online: boolean;
  readonly lastSeen: number | null;
  readonly endpoints: readonly string[];
}

/** A route that a node offers, or about which somebody has decided. */
export interface RouteView {
  readonly prefix: string;
  readonly advertised: boolean;
  readonly approved: boolean;
  /** Who decided: an admin, or the policy's autoApprovers; null: nobody yet. */
  readonly decidedBy: 'admin' | 'policy' | null;
}

export function nodeView(state: TailnetState, node: Node, presence: PresenceDirectory): NodeView {
  const seen = presence.get(node.id);
  const owner = node.userId === undefined ? undefined : state.users.get(node.userId);
  return {
    id: node.id,
    name: node.name,
    dnsName: `${node.name}.${state.tailnet?.dnsSuffix ?? ''}`,
    hostname: node.hostname,
    os: node.os,
    addresses: [node.ipv4, node.ipv6],
    user: owner?.login ?? null,
    tags: node.tags,
    nodeKey: node.nodeKey,
    machineKey: node.machineKey,
    ephemeral: node.ephemeral,
    approved: node.approved,
    expired: node.expired,
    keyExpiresAt: node.keyExpiresAt,
    joinedAt: node.joinedAt,
    routes: routeViews(node),
    online: seen?.online ?? false,
    lastSeen: seen?.lastSeen ?? null,
    endpoints: seen?.endpoints ?? [],
  };
}

/** Sorted by prefix. */
export const routeViews = (node: Node): RouteView[] =>
  [...node.routes]
    .map(([prefix, { advertised, approved, by }]) => ({ prefix, advertised, approved, decidedBy: by ?? null }))
    .sort((a, b) => (a.prefix < b.prefix ? -1 : 1));
