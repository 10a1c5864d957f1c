import { KEY_LENGTH } from '#crypto';
import { equalBytes, NetfoldError } from '#kernel';
import { CookieJar } from '../cookie/cookie-jar.js';
import type { Path } from '../path.js';
import type { Peer } from '../peer/peer.js';
import type { Device } from './device.js';
import type { HandshakeStarter } from './handshake-starter.js';
import type { Identity } from './identities.js';

const NO_KEY = new Uint8Array(KEY_LENGTH);

/** Replaces static keys, this device's and its peers', make before break. */
export class KeyRotation<P extends Path> {
  constructor(
    private readonly device: Device<P>,
    private readonly starter: HandshakeStarter<P>,
  ) {}

  /** A first key, or a key without any tie to the one before: every session ends. */
  reset(privateKey: Uint8Array): void {
    const { identities } = this.device;
    if (identities.current && equalBytes(identities.current.privateKey, privateKey)) return;
    for (const peer of this.device.peers()) {
      this.starter.abandon(peer);
      this.device.closeSessions(peer.sessions.clear());
      peer.knownIdentity = undefined;
      peer.unanswered = 0;
    }
    for (const former of [identities.current, ...identities.former]) if (former) identities.retire(former);
    if (!equalBytes(privateKey, NO_KEY)) identities.rotate(privateKey, Number.NEGATIVE_INFINITY);
  }

  rotate(now: number, privateKey: Uint8Array, overlap: number): void {
    for (const crowdedOut of this.device.identities.rotate(privateKey, now + overlap)) {
      this.forget(now, crowdedOut);
    }
  }

  /** Lets former identities go whose time has come. */
  retireDue(now: number): void {
    if (now < this.device.identities.nextRetirement()) return;
    for (const former of this.device.identities.former) if (now >= former.retiresAt) this.forget(now, former);
  }

  retire(now: number, publicKey: Uint8Array, delay: number): void {
    const identity = this.device.identities.find(publicKey);
    if (identity === this.device.identities.current) {
      throw new NetfoldError({
        code: 'wireguard.current_identity',
        message: 'The current key cannot be retired',
        hint: 'rotate to another key first',
      });
    }
    if (!identity) return;
    if (delay > 0) identity.retiresAt = now + delay;
    else this.forget(now, identity);
  }

  replacePeerKey(now: number, peer: Peer<P>, publicKey: Uint8Array): void {
    this.device.requireFree(publicKey);
    const active = peer.sessions.current?.canSend(now) || peer.queue.length > 0 || peer.timers.persistentKeepalive > 0;
    this.device.withdraw(peer);
    peer.publicKey = Uint8Array.from(publicKey);
    peer.cookies = new CookieJar(this.device.crypto, peer.publicKey);
    peer.greatestTimestamp = undefined;
    peer.lastInitiationReceivedAt = Number.NEGATIVE_INFINITY;
    this.device.enroll(peer);
    if (active) this.starter.restart(now, peer);
    else this.starter.abandon(peer);
  }

  /** What sessions are made of has changed otherwise than by a static key. */
  renew(now: number, peer: Peer<P>): void {
    if (peer.sessions.current?.canSend(now)) this.starter.restart(now, peer);
  }

  /** Handshakes under a retired identity are begun anew under one that lives; its sessions run out by themselves. */
  private forget(now: number, identity: Identity): void {
    this.device.identities.retire(identity);
    for (const peer of this.device.peers()) {
      if (peer.pending?.localStatic === identity) this.starter.restart(now, peer);
    }
    this.device.effects.event({ type: 'identity_retired', identity: identity.publicKey });
  }
}
