import { REKEY_AFTER_TIME } from '../constants.js';
import type { TransportKeys } from '../noise/transport-keys.js';
import type { Path } from '../path.js';
import type { Peer } from '../peer/peer.js';
import { Keypair, type Role } from '../session/keypair.js';
import type { Device, Session } from './device.js';
import type { HandshakeStarter } from './handshake-starter.js';
import type { Identity } from './identities.js';
import type { Outbox } from './outbox.js';

/** Turns finished handshakes into sessions (6.2 and 6.3). */
export class SessionOpener<P extends Path> {
  constructor(
    private readonly device: Device<P>,
    private readonly starter: HandshakeStarter<P>,
    private readonly outbox: Outbox<P>,
  ) {}

  /** Our initiation was answered: send on the new session at once, if only to confirm it. */
  initiated(now: number, peer: Peer<P>, identity: Identity, keys: TransportKeys): void {
    const session = this.open(now, peer, identity, keys, 'initiator');
    this.device.closeSessions(peer.sessions.installInitiated(session.keypair));
    this.completed(session);
    if (!this.outbox.flush(now, peer)) this.outbox.keepalive(now, peer);
  }

  /** We answered an initiation: receive on the new session, and send once the peer has. */
  responded(now: number, peer: Peer<P>, identity: Identity, keys: TransportKeys): void {
    const session = this.open(now, peer, identity, keys, 'responder');
    this.device.closeSessions(peer.sessions.installResponded(session.keypair));
    this.device.reschedule(peer);
  }

  /** The peer has sent on a session that we answered. */
  confirmed(now: number, session: Session<P>): void {
    this.starter.abandon(session.peer);
    this.device.closeSessions(session.peer.sessions.confirm());
    this.completed(session);
    this.outbox.flush(now, session.peer);
  }

  private open(now: number, peer: Peer<P>, identity: Identity, keys: TransportKeys, role: Role): Session<P> {
    const { crypto, indices } = this.device;
    const keypair = new Keypair(crypto, keys, role, now, now + REKEY_AFTER_TIME + this.device.jitter());
    const session = { peer, keypair, identity };
    indices.assign(keys.localIndex, session);
    peer.timers.set('expiry', Math.min(peer.sessions.nextExpiry(), keypair.expiresAt));
    return session;
  }

  private completed({ peer, keypair, identity }: Session<P>): void {
    peer.knownIdentity = identity;
    peer.unanswered = 0;
    peer.lastMinuteRekey = false;
    peer.lastHandshakeAt = this.device.wallClock.now();
    peer.timers.clear('retransmit');
    this.device.reschedule(peer);
    this.device.effects.event({
      type: 'handshake_completed',
      peer,
      role: keypair.role,
      identity: identity.publicKey,
    });
  }
}
