import { INITIATION_INTERVAL } from '../constants.js';
import { readUint32 } from '../little-endian.js';
import { COOKIE_REPLY, INITIATION, RESPONSE } from '../messages.js';
import { consumeResponse } from '../noise/initiator.js';
import { type ClaimedInitiation, createResponse, readInitiator, readTimestamp } from '../noise/responder.js';
import { isLater } from '../noise/tai64n.js';
import type { Path } from '../path.js';
import type { Peer } from '../peer/peer.js';
import type { Device } from './device.js';
import type { DropReason } from './drop-counters.js';
import type { Gatekeeper } from './gatekeeper.js';
import type { HandshakeStarter } from './handshake-starter.js';
import type { Identity } from './identities.js';
import type { SessionOpener } from './session-opener.js';

/** Takes in initiations, responses and cookie replies. Nothing changes before a message has proven its sender. */
export class HandshakeReceiver<P extends Path> {
  constructor(
    private readonly device: Device<P>,
    private readonly gatekeeper: Gatekeeper<P>,
    private readonly starter: HandshakeStarter<P>,
    private readonly opener: SessionOpener<P>,
  ) {}

  initiation(now: number, path: P, message: Uint8Array): DropReason | undefined {
    const identity = this.gatekeeper.admit(now, path, message, INITIATION);
    if (typeof identity === 'string') return identity;
    const claimed = readInitiator(this.device.crypto, identity, message);
    if (!claimed) return 'bad_handshake';
    const peer = this.device.findPeer(claimed.remoteStatic);
    const refusal = peer ? this.checkTimestamp(now, peer, claimed, message) : 'unknown_peer';
    const outcome = peer && !refusal ? this.respond(now, path, peer, identity, claimed) : refusal;
    claimed.state.wipe();
    return outcome;
  }

  response(now: number, path: P, message: Uint8Array): DropReason | undefined {
    // First what costs nothing: a flood of responses to nothing takes no cryptography at all.
    const index = readUint32(message, RESPONSE.receiver);
    const peer = this.device.indices.get(index)?.peer;
    const pending = peer?.pending;
    if (!peer || pending?.localIndex !== index) return 'unknown_index';
    const admitted = this.gatekeeper.admit(now, path, message, RESPONSE);
    if (typeof admitted === 'string') return admitted;
    const identity = this.device.identities.find(pending.localStatic.publicKey);
    const keys = consumeResponse(this.device.crypto, pending, presharedKeysOf(peer), message);
    if (!keys || !identity) return 'bad_handshake';
    this.starter.complete(peer);
    this.device.heard(now, peer, path, message.length);
    this.opener.initiated(now, peer, identity, keys);
    return undefined;
  }

  /** A cookie is kept for the next attempt; the message that it answers is not sent again before its time (5.3). */
  cookieReply(now: number, message: Uint8Array): DropReason | undefined {
    const peer = this.device.indices.get(readUint32(message, COOKIE_REPLY.receiver))?.peer;
    if (!peer) return 'unknown_index';
    if (!peer.cookies.accept(now, message)) return 'not_authentic';
    peer.rxBytes += message.length;
    return undefined;
  }

  /** Whether the initiation is the peer's own, new, and not too soon after the last (5.1). */
  private checkTimestamp(
    now: number,
    peer: Peer<P>,
    claimed: ClaimedInitiation,
    message: Uint8Array,
  ): DropReason | undefined {
    const timestamp = readTimestamp(this.device.crypto, claimed, message);
    if (!timestamp) return 'bad_handshake';
    if (peer.greatestTimestamp && !isLater(timestamp, peer.greatestTimestamp)) return 'replayed_handshake';
    if (now - peer.lastInitiationReceivedAt < INITIATION_INTERVAL) return 'rate_limited';
    peer.greatestTimestamp = timestamp;
    peer.lastInitiationReceivedAt = now;
    return undefined;
  }

  private respond(
    now: number,
    path: P,
    peer: Peer<P>,
    identity: Identity,
    claimed: ClaimedInitiation,
  ): DropReason | undefined {
    const { crypto, random, indices, effects } = this.device;
    const localIndex = indices.allocate({ peer });
    const created = createResponse(crypto, random, claimed, peer.presharedKey, localIndex);
    if (!created) {
      indices.release(localIndex);
      return 'bad_handshake';
    }
    const { message, keys } = created;
    this.device.heard(now, peer, path, INITIATION.length);
    // It begins once more: the answer was lost, or it has not the key that the answer was made with. Then it answers.
    const unread = peer.sessions.awaitsConfirmation && peer.alsoAccepted.length > 0;
    this.opener.responded(now, peer, identity, keys);
    peer.cookies.stamp(now, message, RESPONSE);
    peer.txBytes += message.length;
    peer.timers.packetSent(now);
    this.device.reschedule(peer);
    effects.transmit(path, message);
    if (unread) this.starter.start(now, peer);
    return undefined;
  }
}

const presharedKeysOf = <P extends Path>({ presharedKey, alsoAccepted }: Peer<P>): Uint8Array[] => [
  presharedKey,
  ...alsoAccepted,
];
