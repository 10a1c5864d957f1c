import type { NodeStatus, PeerStatus } from '../../../../agent/src/local-api/status.js';
import type { Painter } from '../../output/style.js';
import { formatAge } from '../../output/time.js';

/** How a node that is this machine itself stands. */
export const ownState = (self: NodeStatus): string => roleOf(self) ?? '-';

/**
 * How a peer is reached: `active; direct 10.0.0.2:41641, tx 12 rx 34`, `idle, tx 12 rx 34`, `offline, last seen 3h ago`,
 * or `-` when nothing was ever sent to it.
 */
export function wayTo(peer: PeerStatus, paint: Painter, now: number): string {
  const traffic = `, tx ${peer.TxBytes} rx ${peer.RxBytes}`;
  const role = roleOf(peer);
  if (peer.Active) return said(paint('green', 'active'), role, pathOf(peer)) + traffic;
  if (!peer.Online) {
    const seen = peer.LastSeen ? `, last seen ${formatAge(now - Date.parse(peer.LastSeen))} ago` : '';
    return said(paint('dim', `offline${seen}`), role);
  }
  const used = peer.TxBytes > 0 || peer.RxBytes > 0;
  return used || role ? said('idle', role) + (used ? traffic : '') : '-';
}

const said = (...parts: readonly (string | undefined)[]): string => parts.filter(Boolean).join('; ');

function roleOf(node: NodeStatus & { readonly ExitNode?: boolean }): string | undefined {
  if (node.ExitNode) return 'exit node';
  return node.ExitNodeOption ? 'offers exit node' : undefined;
}

const pathOf = ({ CurAddr, Relay }: PeerStatus): string | undefined =>
  Relay ? `relay ${JSON.stringify(Relay)}` : CurAddr && `direct ${CurAddr}`;
