import { NetfoldError, toBase64 } from '#kernel';
import type { Path } from '../path.js';
import { Peer } from '../peer/peer.js';
import type { EngineConfiguration } from './configuration.js';
import type { Device } from './device.js';
import type { HandshakeStarter } from './handshake-starter.js';
import type { Outbox } from './outbox.js';
import type { PeerChanges, PeerConfig } from './peer-config.js';
import type { EngineStatus, PeerStatus } from './status.js';

/** Adds, changes and removes peers. */
export class PeerRegistry<P extends Path> {
  constructor(
    private readonly device: Device<P>,
    private readonly starter: HandshakeStarter<P>,
    private readonly outbox: Outbox<P>,
  ) {}

  add(now: number, config: PeerConfig<P>): Peer<P> {
    const { device } = this;
    device.requireFree(config.publicKey);
    const peer = new Peer<P>(
      device.crypto,
      device.wallClock,
      config.publicKey,
      config.label ?? toBase64(config.publicKey),
    );
    device.enroll(peer);
    this.update(now, peer, config);
    return peer;
  }

  require(publicKey: Uint8Array): Peer<P> {
    const peer = this.device.findPeer(publicKey);
    if (peer) return peer;
    throw new NetfoldError({
      code: 'wireguard.no_peer',
      message: `There is no peer with the public key ${toBase64(publicKey)}`,
    });
  }

  update(now: number, peer: Peer<P>, changes: PeerChanges<P>): void {
    const { presharedKey, alsoAccepted, allowedIps, path, persistentKeepalive, roaming } = changes;
    if (presharedKey) peer.presharedKey.set(presharedKey);
    if (alsoAccepted) this.accept(peer, alsoAccepted);
    if (roaming !== undefined) peer.roaming = roaming;
    if (allowedIps) {
      this.device.allowedIps.removeAll(peer);
      for (const prefix of allowedIps) this.device.allowedIps.add(peer, prefix);
    }
    if (persistentKeepalive !== undefined) this.setPersistentKeepalive(now, peer, persistentKeepalive * 1000);
    if (path) this.setPath(now, peer, path);
    this.device.reschedule(peer);
  }

  remove(peer: Peer<P>): void {
    const { device } = this;
    this.starter.abandon(peer);
    device.closeSessions(peer.sessions.clear());
    peer.queue.drain();
    peer.timers.clearAll();
    peer.timers.persistentKeepalive = 0;
    device.crypto.wipe(peer.presharedKey, ...peer.alsoAccepted);
    device.allowedIps.removeAll(peer);
    device.wakeQueue.remove(peer);
    device.withdraw(peer);
  }

  status(): EngineStatus<P> {
    const { identities, drops } = this.device;
    return {
      publicKey: identities.current?.publicKey,
      peers: Array.from(this.device.peers(), (peer) => this.peerStatus(peer)),
      drops: { ...drops },
    };
  }

  configuration(): EngineConfiguration<P> {
    const key = this.device.identities.current?.privateKey;
    return {
      privateKey: key && Uint8Array.from(key),
      peers: Array.from(this.device.peers(), (peer) => ({
        publicKey: peer.publicKey,
        label: peer.label,
        presharedKey: Uint8Array.from(peer.presharedKey),
        alsoAccepted: peer.alsoAccepted.map((key) => Uint8Array.from(key)),
        allowedIps: this.device.allowedIps.of(peer),
        ...(peer.path && { path: peer.path }),
        persistentKeepalive: peer.timers.persistentKeepalive / 1000,
        roaming: peer.roaming,
      })),
    };
  }

  peerStatus(peer: Peer<P>): PeerStatus<P> {
    return {
      label: peer.label,
      publicKey: peer.publicKey,
      path: peer.path,
      allowedIps: this.device.allowedIps.of(peer),
      persistentKeepalive: peer.timers.persistentKeepalive / 1000,
      lastHandshakeAt: peer.lastHandshakeAt,
      rxBytes: peer.rxBytes,
      txBytes: peer.txBytes,
      connected: peer.sessions.current !== undefined,
      presharedKey: peer.sessions.current?.keys.presharedKey,
      identity: peer.knownIdentity?.publicKey,
    };
  }

  private accept(peer: Peer<P>, presharedKeys: readonly Uint8Array[]): void {
    this.device.crypto.wipe(...peer.alsoAccepted);
    peer.alsoAccepted = presharedKeys.map((key) => Uint8Array.from(key));
  }

  /** A keepalive that is switched on is sent at once, as the first of its series. */
  private setPersistentKeepalive(now: number, peer: Peer<P>, period: number): void {
    const switchedOn = period > 0 && peer.timers.persistentKeepalive === 0;
    peer.timers.persistentKeepalive = period;
    if (period === 0) peer.timers.clear('persistent_keepalive');
    if (switchedOn) this.outbox.keepalive(now, peer);
  }

  /** Packets that waited for a path to the peer may go. */
  private setPath(now: number, peer: Peer<P>, path: P): void {
    const first = peer.path === undefined;
    peer.path = path;
    if (!first || this.outbox.flush(now, peer)) return;
    if (peer.queue.length > 0 || peer.timers.persistentKeepalive > 0) this.starter.restart(now, peer);
  }
}
