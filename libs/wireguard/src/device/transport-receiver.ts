import { KEEPALIVE_TIMEOUT, REJECT_AFTER_TIME, REKEY_TIMEOUT } from '../constants.js';
import { readUint32 } from '../little-endian.js';
import { TRANSPORT } from '../messages.js';
import type { Path } from '../path.js';
import type { Peer } from '../peer/peer.js';
import type { Keypair } from '../session/keypair.js';
import { type AddressLayout, addressLayout, packetLength } from '../transport/ip-packet.js';
import { openTransport } from '../transport/transport-message.js';
import type { Device, IndexOwner, Session } from './device.js';
import type { DropReason } from './drop-counters.js';
import type { HandshakeStarter } from './handshake-starter.js';
import type { SessionOpener } from './session-opener.js';

/** Age at which a session is renewed by its initiator because data still comes in on it (6.2). */
const LAST_MINUTE = REJECT_AFTER_TIME - KEEPALIVE_TIMEOUT - REKEY_TIMEOUT;

/** Takes in transport messages (5.4.6). */
export class TransportReceiver<P extends Path> {
  /** Who sent the message that was opened last. */
  sender: Peer<P> | undefined;
  /** Of the messages that are looked at ahead. */
  private readonly ahead: (Session<P> | undefined)[] = [];

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
    const length = this.open(now, path, message, 0, message.length);
    if (typeof length === 'string') return length;
    const start = TRANSPORT.header;
    if (length > 0 && this.sender) this.device.effects.deliver(this.sender, message.subarray(start, start + length));
    return undefined;
  }

  /**
   * Opens the message in `buffer[offset, offset + length)` in place; its packet is then at `offset + 16`.
   * @returns the length of the packet without padding, of which `sender` is the peer (0 for a keepalive), or why there is none
   */
  open(now: number, path: P, buffer: Uint8Array, offset: number, length: number): DropReason | number {
    const session = this.device.indices.get(readUint32(buffer, offset + TRANSPORT.receiver));
    if (!isSession(session)) return 'unknown_index';
    const { peer, keypair } = session;
    if (now >= keypair.expiresAt) return 'session_expired';
    const padded = openTransport(keypair, buffer, offset, length);
    if (typeof padded === 'string') return padded;
    this.authenticated(now, path, session, length);
    if (padded > 0) peer.timers.dataReceived(now);
    this.device.reschedule(peer);
    this.sender = peer;
    return padded > 0 ? this.accepted(peer, buffer, offset + TRANSPORT.header, padded) : 0;
  }

  /** As `FastLane.prefetch`: what leads to other places is looked at first, of all messages. */
  prefetch(buffer: Uint8Array, offsets: Int32Array, count: number): number {
    const { ahead } = this;
    let read = 0;
    for (let i = 0; i < count; i++) {
      const session = this.device.indices.get(readUint32(buffer, (offsets[i] as number) + TRANSPORT.receiver));
      ahead[i] = isSession(session) ? session : undefined;
    }
    for (let i = 0; i < count; i++) read += (ahead[i]?.keypair.createdAt ?? 0) + (ahead[i]?.peer.rxBytes ?? 0);
    for (let i = 0; i < count; i++) read += (ahead[i]?.keypair.prefetch() ?? 0) + (ahead[i]?.peer.prefetch() ?? 0);
    return read;
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
      keypair.role === 'initiator' &&
      !peer.lastMinuteRekey &&
      keypair === peer.sessions.current &&
      now - keypair.createdAt >= LAST_MINUTE
    );
  }

  private accepted(peer: Peer<P>, buffer: Uint8Array, start: number, padded: number): DropReason | number {
    const layout = addressLayout(buffer, start, padded);
    const length = layout && packetLength(buffer, layout, start, padded);
    if (length === undefined || !layout) return 'not_ip';
    return this.mayComeFrom(peer, buffer, start, layout) ? length : 'source_not_allowed';
  }

  /** Cryptokey routing (2), which says of one address the same until allowed IPs change. */
  private mayComeFrom(peer: Peer<P>, buffer: Uint8Array, start: number, layout: AddressLayout): boolean {
    const { allowedIps } = this.device;
    const [at, size] = [start + layout.source, layout.addressLength];
    if (peer.knownSource.is(allowedIps.revision, buffer, at, size)) return true;
    if (allowedIps.owner(buffer, at, size) !== peer) return false;
    peer.knownSource.note(allowedIps.revision, buffer, at, size);
    return true;
  }
}

const isSession = <P extends Path>(owner: IndexOwner<P> | undefined): owner is Session<P> =>
  owner?.keypair !== undefined && owner.identity !== undefined;
