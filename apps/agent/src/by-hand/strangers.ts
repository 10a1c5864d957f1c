import type { UdpPath } from '#dataplane';
import { NetfoldError, toBase64 } from '#kernel';
import { formatPrefix, type Prefix } from '#net';
import type { PeerChanges, PeerConfig, PeerView } from '#wireguard';
import type { Tunnel } from '../engine/tunnel.js';
import type { Claims } from './claims.js';

const BY_HAND = 'by-hand:';

/** Whether this is the label of a peer that somebody has set on the interface, and no node of the tailnet. */
export const isStranger = (label: string): boolean => label.startsWith(BY_HAND);

/** As it was asked for; the engine has the part of its prefixes that the netmap leaves free. */
type Stranger = PeerConfig<UdpPath> & { readonly label: string };

/**
 * Peers that no netmap knows: somebody has added them to the interface. The filter knows nothing of them but that they
 * exist: what the policy grants to everybody, or to their addresses, is theirs, and nothing that needs an identity is.
 */
export class Strangers {
  readonly #byKey = new Map<string, Stranger>();

  constructor(readonly tunnel: Tunnel) {}

  get size(): number {
    return this.#byKey.size;
  }

  /** All prefixes that were asked for. */
  *prefixes(): Generator<Prefix> {
    for (const { allowedIps } of this.#byKey.values()) yield* allowedIps;
  }

  has(publicKey: Uint8Array): boolean {
    return this.#byKey.has(toBase64(publicKey));
  }

  /** @throws NetfoldError as `Engine.addPeer` does */
  add(config: PeerConfig<UdpPath>, claims: Claims): PeerView<UdpPath> {
    const { engine, filter, now } = this.tunnel;
    const key = toBase64(config.publicKey);
    const stranger = { ...config, label: `${BY_HAND}${key}` };
    const view = engine.addPeer(now, { ...stranger, allowedIps: claims.free(config.allowedIps) });
    filter.setPeer({ id: stranger.label, addresses: [], labels: [] });
    this.#byKey.set(key, stranger);
    return view;
  }

  update(publicKey: Uint8Array, changes: PeerChanges<UdpPath>, claims: Claims): void {
    const before = this.#require(publicKey);
    const after = { ...before, ...changes };
    this.tunnel.engine.updatePeer(this.tunnel.now, publicKey, {
      ...changes,
      allowedIps: claims.free(after.allowedIps),
    });
    this.#byKey.set(toBase64(publicKey), after);
  }

  remove(publicKey: Uint8Array): void {
    const stranger = this.#byKey.get(toBase64(publicKey));
    if (!stranger) return;
    this.tunnel.engine.removePeer(publicKey);
    this.tunnel.filter.removePeer(stranger.label);
    this.#byKey.delete(toBase64(publicKey));
  }

  /** Takes these prefixes from all but the one with this key. */
  cede(prefixes: ReadonlySet<string>, publicKey: Uint8Array): void {
    for (const [key, stranger] of this.#byKey) {
      if (key === toBase64(publicKey)) continue;
      const allowedIps = stranger.allowedIps.filter((prefix) => !prefixes.has(formatPrefix(prefix)));
      if (allowedIps.length < stranger.allowedIps.length) this.#byKey.set(key, { ...stranger, allowedIps });
    }
  }

  /** The netmap has changed: what it takes is its, and what it no longer takes is theirs again. */
  reapply(claims: Claims): void {
    for (const { publicKey, allowedIps } of this.#byKey.values()) {
      this.tunnel.engine.updatePeer(this.tunnel.now, publicKey, { allowedIps: claims.free(allowedIps) });
    }
  }

  #require(publicKey: Uint8Array): Stranger {
    const stranger = this.#byKey.get(toBase64(publicKey));
    if (stranger) return stranger;
    throw new NetfoldError({ code: 'wireguard.no_peer', message: 'nobody has added this peer by hand' });
  }
}
