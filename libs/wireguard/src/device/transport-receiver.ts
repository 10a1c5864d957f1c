import { KEEPALIVE_TIMEOUT, REJECT_AFTER_TIME, REKEY_TIMEOUT } from '../constants.js';
import { readUint32 } from '../little-endian.js';
import { TRANSPORT } from '../messages.js';
import type { Path } from '../path.js';
import type { Peer } from '../peer/peer.js';
import type { Keypair } from '../session/keypair.js';
import { addressLayout, packetLength } from '../transport/ip-packet.js';
import { openTransport } from '../transport/transport-message.js';
import type { Device, Session } from './device.js';
import type { DropReason } from './drop-counters.js';
import type { HandshakeStarter } from './handshake-starter.js';
import type { SessionOpener } from './session-opener.js';

/** Age at which a session is renewed by its initiator because data still comes in on it (6.2). */
const LAST_MINUTE = REJECT_AFTER_TIME - KEEPALIVE_TIMEOUT - REKEY_TIMEOUT;

/** Takes in transport messages (5.4.6). */
export class TransportReceiver<P extends Path> {
  constructor(
    private readonly device: Device<P>,
    private readonly starter: HandshakeStarter<P>,
    private readonly opener: SessionOpener<P>,
  ) {}

  /**
   * @param message is opened in place
   * @returns why nothing came of it
   */
  receive(now: number, path: P, message: Uint8Array): DropReason | undefined {
    const owner = this.device.indices.get(readUint32(message, TRANSPORT.receiver));
    if (!owner?.keypair || !owner.identity) return 'unknown_index';
    const { peer, keypair, identity } = owner;
    if (now >= keypair.expiresAt) return 'session_expired';
    const length = openTransport(keypair, message, 0, message.length);
    if (typeof length === 'string') return length;
    this.authenticated(now, path, { peer, keypair, identity }, message.length);
    if (length > 0) peer.timers.dataReceived(now);
    this.device.reschedule(peer);
    return length > 0 ? this.deliver(peer, message.subarray(TRANSPORT.header, TRANSPORT.header + length)) : undefined;
  }

  private authenticated(now: number, path: P, session: Session<P>, length: number): void {
    const { peer, keypair } = session;
    this.device.heard(now, peer, path, length);
    if (peer.sessions.isUnconfirmed(keypair)) this.opener.confirmed(now, session);
    if (this.wantsLastMinuteRekey(now, peer, keypair)) {
      peer.lastMinuteRekey = true;
      this.starter.start(now, peer);
    }
  }

  private wantsLastMinuteRekey(now: number, peer: Peer<P>, keypair: Keypair): boolean {
    return (
      !peer.lastMinuteRekey &&
      keypair === peer.sessions.current &&
      keypair.role === 'initiator' &&
      now - keypair.createdAt >= LAST_MINUTE
    );
  }

  private deliver(peer: Peer<P>, padded: Uint8Array): DropReason | undefined {
    const layout = addressLayout(padded);
    const length = layout && packetLength(padded, layout);
    if (length === undefined) return 'not_ip';
    if (this.device.allowedIps.ownerOfSource(padded) !== peer) return 'source_not_allowed';
    this.device.effects.deliver(peer, padded.subarray(0, length));
    return undefined;
  }
}
