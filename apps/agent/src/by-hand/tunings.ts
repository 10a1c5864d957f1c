import type { UdpPath } from '#dataplane';
import { formatPrefix, type Prefix, parsePrefix } from '#net';
import type { TunnelPeer } from '#plan';
import type { PeerChanges } from '#wireguard';
import { keyOf } from '../engine/node-key.js';
import type { Tunnel } from '../engine/tunnel.js';
import type { Claims } from './claims.js';

interface Tuning {
  /** Beyond what the netmap gives it. */
  readonly additions: readonly Prefix[];
  /** Seconds. */
  readonly keepalive?: number | undefined;
}

const PLAIN: Tuning = { additions: [] };

/** What somebody has set of peers that the netmap knows. It outlives their keys, and their absence from the netmap. */
export class Tunings {
  readonly #byId = new Map<string, Tuning>();

  constructor(readonly tunnel: Tunnel) {}

  /** All prefixes that were added. */
  *prefixes(): Generator<Prefix> {
    for (const { additions } of this.#byId.values()) yield* additions;
  }

  update({ id, nodeKey, allowedIps }: TunnelPeer, changes: PeerChanges<UdpPath>, claims: Claims): void {
    const { engine, now } = this.tunnel;
    const before = this.#byId.get(id) ?? PLAIN;
    const additions = changes.allowedIps ? changes.allowedIps.filter(notAmong(allowedIps)) : before.additions;
    const after: Tuning = {
      additions,
      keepalive: changes.persistentKeepalive ?? before.keepalive,
    };
    const { persistentKeepalive: _, presharedKey, ...settings } = changes;
    const whole = [...allowedIps.map(parsePrefix), ...claims.free(additions)];
    engine.updatePeer(now, keyOf(nodeKey), { ...settings, allowedIps: whole });
    this.#byId.set(id, after);
    if (presharedKey) this.tunnel.setPresharedKey(id, presharedKey);
    this.tunnel.setKeepalive(id, after.keepalive);
  }

  /** The peer is what the netmap says again. @returns whether it was not */
  reset({ id, nodeKey, allowedIps }: TunnelPeer): boolean {
    if (!this.#byId.delete(id)) return false;
    const { engine, now } = this.tunnel;
    engine.updatePeer(now, keyOf(nodeKey), { allowedIps: allowedIps.map(parsePrefix) });
    this.tunnel.setPresharedKey(id, undefined);
    this.tunnel.setKeepalive(id, undefined);
    return true;
  }

  /** Takes these prefixes from all but the peer with this id. */
  cede(prefixes: ReadonlySet<string>, id: string | undefined): void {
    for (const [other, tuning] of this.#byId) {
      const additions = tuning.additions.filter((prefix) => !prefixes.has(formatPrefix(prefix)));
      if (other !== id && additions.length < tuning.additions.length) this.#byId.set(other, { ...tuning, additions });
    }
  }

  /** The netmap has changed. */
  reapply(claims: Claims): void {
    for (const [id, { additions, keepalive }] of this.#byId) {
      const peer = claims.peers.get(id);
      if (!peer) continue;
      const allowedIps = [...peer.allowedIps.map(parsePrefix), ...claims.free(additions)];
      this.tunnel.engine.updatePeer(this.tunnel.now, keyOf(peer.nodeKey), { allowedIps });
      this.tunnel.setKeepalive(id, keepalive);
    }
  }
}

function notAmong(texts: readonly string[]): (prefix: Prefix) => boolean {
  const known = new Set(texts);
  return (prefix) => !known.has(formatPrefix(prefix));
}
