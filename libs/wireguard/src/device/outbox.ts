import { TRANSPORT } from '../messages.js';
import type { Path } from '../path.js';
import type { Peer } from '../peer/peer.js';
import type { Keypair } from '../session/keypair.js';
import { paddedLength, sealTransport } from '../transport/transport-message.js';
import type { Device } from './device.js';
import type { HandshakeStarter } from './handshake-starter.js';

/** The largest IP packet: an IPv6 header and 65,535 bytes behind it. */
const MAX_PACKET = 40 + 65_535;

/** What became of a packet: `queued` waits for a handshake, `no_path` for a path to the peer. */
export type SendOutcome = 'sent' | 'queued' | 'no_path' | 'no_peer' | 'too_long';

/** Sends packets and keepalives to peers (6.2). */
export class Outbox<P extends Path> {
  private readonly buffer = new Uint8Array(TRANSPORT.overhead + MAX_PACKET);

  constructor(
    private readonly device: Device<P>,
    private readonly starter: HandshakeStarter<P>,
  ) {}

  /** Sends an IP packet to the peer that its destination belongs to. */
  send(now: number, packet: Uint8Array): SendOutcome {
    if (packet.length > MAX_PACKET) return 'too_long';
    const peer = this.device.allowedIps.ownerOfDestination(packet);
    if (!peer) return 'no_peer';
    const keypair = this.usable(now, peer);
    if (keypair && peer.path) {
      this.transmit(now, peer, peer.path, keypair, packet);
      return 'sent';
    }
    if (peer.queue.push(packet)) this.device.drop('queue_full');
    if (!peer.path) return 'no_path';
    this.starter.start(now, peer);
    return 'queued';
  }

  /** Sends an empty message; without a session a handshake takes its place. */
  keepalive(now: number, peer: Peer<P>): void {
    const keypair = this.usable(now, peer);
    if (keypair && peer.path) this.transmit(now, peer, peer.path, keypair, new Uint8Array());
    else this.starter.start(now, peer);
  }

  /** Sends what waited for a session. @returns whether there was anything */
  flush(now: number, peer: Peer<P>): boolean {
    const keypair = this.usable(now, peer);
    if (!keypair || !peer.path || peer.queue.length === 0) return false;
    for (const packet of peer.queue.drain()) this.transmit(now, peer, peer.path, keypair, packet);
    return true;
  }

  /** Takes note of messages that were sealed on the session, `length` bytes in all, for counters, timers and rekeying. */
  sealed(now: number, peer: Peer<P>, keypair: Keypair, length: number, withData: boolean): void {
    peer.txBytes += length;
    peer.timers.packetSent(now);
    if (withData && !peer.timers.awaitsAnswer) peer.timers.awaitAnswer(now, this.device.jitter());
    this.device.reschedule(peer);
    if (keypair.wantsRekey(now)) this.starter.start(now, peer);
  }

  private usable(now: number, peer: Peer<P>): Keypair | undefined {
    const keypair = peer.sessions.current;
    return keypair?.canSend(now) ? keypair : undefined;
  }

  private transmit(now: number, peer: Peer<P>, path: P, keypair: Keypair, packet: Uint8Array): void {
    const padded = paddedLength(packet.length, this.device.mtu);
    this.buffer.set(packet, TRANSPORT.header);
    this.buffer.fill(0, TRANSPORT.header + packet.length, TRANSPORT.header + padded);
    const length = sealTransport(keypair, this.buffer, 0, padded);
    this.device.effects.transmit(path, this.buffer.subarray(0, length));
    this.sealed(now, peer, keypair, length, packet.length > 0);
  }
}
