import { REKEY_ATTEMPT_TIME, REKEY_TIMEOUT } from '../constants.js';
import { INITIATION } from '../messages.js';
import { createInitiation, wipePending } from '../noise/initiator.js';
import type { Path } from '../path.js';
import type { Peer } from '../peer/peer.js';
import type { Device } from './device.js';

/** Begins handshakes, repeats them and gives them up (6.4). */
export class HandshakeStarter<P extends Path> {
  constructor(private readonly device: Device<P>) {}

  /** Something calls for a session: begin a handshake unless one was begun in the last five seconds. */
  start(now: number, peer: Peer<P>): void {
    peer.attemptsEndAt = now + REKEY_ATTEMPT_TIME;
    const wait = peer.lastInitiationSentAt + REKEY_TIMEOUT - now;
    if (wait <= 0) {
      this.initiate(now, peer);
    } else if (!peer.timers.isSet('retransmit')) {
      peer.timers.set('retransmit', now + wait);
      this.device.reschedule(peer);
    }
  }

  /** Begin a handshake at once, whatever was begun before: the peer's key or path is new. */
  restart(now: number, peer: Peer<P>): void {
    this.abandon(peer);
    peer.lastInitiationSentAt = Number.NEGATIVE_INFINITY;
    this.start(now, peer);
  }

  /** The last initiation stayed unanswered: repeat it, or give up after 90 s. */
  retry(now: number, peer: Peer<P>): void {
    if (now >= peer.attemptsEndAt) {
      this.giveUp(peer);
    } else {
      this.initiate(now, peer);
    }
  }

  /** Forgets the pending handshake. */
  abandon(peer: Peer<P>): void {
    if (peer.pending) this.device.indices.release(peer.pending.localIndex);
    this.complete(peer);
  }

  /** The pending handshake has become a session, which goes on under its index. */
  complete(peer: Peer<P>): void {
    peer.timers.clear('retransmit');
    if (peer.pending) wipePending(this.device.crypto, peer.pending);
    peer.pending = undefined;
  }

  private initiate(now: number, peer: Peer<P>): void {
    const { crypto, random, identities, indices } = this.device;
    peer.unanswered = peer.pending ? peer.unanswered + 1 : 0;
    const localStatic = identities.forAttempt(peer.knownIdentity, peer.unanswered);
    if (!peer.path || !localStatic) return;
    this.abandon(peer);
    const localIndex = indices.allocate({ peer });
    const opening = { localStatic, remoteStatic: peer.publicKey, localIndex, timestamp: peer.timestamps.next() };
    const created = createInitiation(crypto, random, opening);
    if (!created) {
      indices.release(localIndex);
      return;
    }
    peer.pending = created.pending;
    peer.lastInitiationSentAt = now;
    peer.cookies.stamp(now, created.message, INITIATION);
    peer.txBytes += created.message.length;
    peer.timers.packetSent(now);
    peer.timers.set('retransmit', now + REKEY_TIMEOUT + this.device.jitter());
    this.device.reschedule(peer);
    this.device.effects.transmit(peer.path, created.message);
  }

  private giveUp(peer: Peer<P>): void {
    this.abandon(peer);
    peer.timers.clear('keepalive');
    for (const _ of peer.queue.drain()) this.device.drop('handshake_failed');
    this.device.effects.event({ type: 'handshake_failed', peer });
  }
}
