import { NetfoldError } from '#kernel';
import type { Node, TailnetState } from '#tailnet';
import type { PresenceDirectory } from '../../presence/presence-directory.js';

/** A node as the API shows it: the facts of the ledger, and of the present also its presence. */
export interface NodeView extends Partial<PresenceView> {
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
}

/** What no ledger remembers. */
export interface PresenceView {
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

/** @param presence without it, as the ledger knows it: nobody remembers who was online */
export function nodeView(state: TailnetState, node: Node, presence: PresenceDirectory | undefined): NodeView {
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
    ...(presence && presenceView(presence, node.id)),
  };
}

function presenceView(presence: PresenceDirectory, nodeId: string): PresenceView {
  const seen = presence.get(nodeId);
  return { online: seen?.online ?? false, lastSeen: seen?.lastSeen ?? null, endpoints: seen?.endpoints ?? [] };
}

/** The node that an id or a name means. @throws NetfoldError `node.unknown` */
export function nodeOf(state: TailnetState, idOrName: string): Node {
  const node = state.nodes.get(idOrName) ?? state.nodes.get(state.byName.get(idOrName.toLowerCase()) ?? '');
  if (node) return node;
  throw unknownNode(idOrName);
}

export const unknownNode = (idOrName: string): NetfoldError =>
  new NetfoldError({
    code: 'node.unknown',
    message: `there is no node ${JSON.stringify(idOrName)}`,
    hint: 'netfold node list shows all nodes',
  });

/** Sorted by prefix. */
export const routeViews = (node: Node): RouteView[] =>
  [...node.routes]
    .map(([prefix, { advertised, approved, by }]) => ({ prefix, advertised, approved, decidedBy: by ?? null }))
    .sort((a, b) => (a.prefix < b.prefix ? -1 : 1));
