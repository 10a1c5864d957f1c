import type { Io } from '../../output/io.js';
import { painter } from '../../output/style.js';
import { formatAge, formatInstant } from '../../output/time.js';

/** A node, as the control plane describes it. Times are milliseconds since the Unix epoch. */
export interface Node {
  readonly id: string;
  readonly name: string;
  readonly dnsName: string;
  readonly os: string;
  readonly addresses: readonly string[];
  readonly user: string | null;
  readonly tags: readonly string[];
  readonly approved: boolean;
  readonly expired: boolean;
  readonly keyExpiresAt: number | null;
  readonly joinedAt: number;
  readonly routes: readonly { readonly prefix: string; readonly advertised: boolean; readonly approved: boolean }[];
  // Not of the past: no ledger remembers it.
  readonly online?: boolean;
  readonly lastSeen?: number | null;
  readonly endpoints?: readonly string[];
}

export const ownerOf = ({ user, tags }: Node): string => user ?? (tags.join(',') || '-');

export function presence(io: Io, { approved, expired, online, lastSeen }: Node): string {
  const paint = painter(io);
  if (!approved) return paint('yellow', 'waits for approval');
  if (expired) return paint('red', 'expired');
  if (online === undefined) return 'takes part';
  if (online) return paint('green', 'online');
  return paint('dim', lastSeen ? `offline, last seen ${formatAge(io.now() - lastSeen)} ago` : 'offline');
}

/** All about a node, as rows of names and values. */
export function nodeFacts(io: Io, node: Node): (readonly [string, string])[] {
  const routes = node.routes.map(({ prefix, approved }) => `${prefix}${approved ? '' : ' (not approved)'}`);
  const facts: (readonly [string, string])[] = [
    ['name', node.name],
    ['DNS name', node.dnsName],
    ['id', node.id],
    ['addresses', node.addresses.join(', ')],
    ['owner', ownerOf(node)],
    ['state', presence(io, node)],
    ['system', node.os],
    ['joined', formatInstant(node.joinedAt)],
    ['key expires', node.keyExpiresAt === null ? 'never' : formatInstant(node.keyExpiresAt)],
    ['routes', routes.join(', ') || '-'],
  ];
  return node.endpoints ? [...facts, ['endpoints', node.endpoints.join(', ') || '-']] : facts;
}
