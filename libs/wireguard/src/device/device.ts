import type { Crypto } from '#crypto';
import { type Clock, NetfoldError, type Random, toBase64 } from '#kernel';
import { REKEY_JITTER } from '../constants.js';
import type { Effects } from '../effects.js';
import type { Path } from '../path.js';
import type { Peer } from '../peer/peer.js';
import { IndexTable } from '../session/index-table.js';
import type { Keypair } from '../session/keypair.js';
import { AllowedIps } from '../transport/allowed-ips.js';
import { type DropReason, newDropCounters } from './drop-counters.js';
import { Identities, type Identity } from './identities.js';
import { WakeQueue } from './wake-queue.js';

/** Who a receiver index belongs to: a session, or without one the handshake that the peer's `pending` is. */
export interface IndexOwner<P extends Path> {
  readonly peer: Peer<P>;
  readonly keypair?: Keypair;
  readonly identity?: Identity;
}

/** A session with its peer, and the identity that the peer knows us by in it. */
export interface Session<P extends Path> extends IndexOwner<P> {
  readonly keypair: Keypair;
  readonly identity: Identity;
}

export interface DevicePorts<P extends Path> {
  readonly crypto: Crypto;
  readonly random: Random;
  /** Wall-clock time, for the timestamps in handshakes; it need not agree with `now`. */
  readonly wallClock: Clock;
  readonly effects: Effects<P>;
  /** MTU of the tunnel in bytes, to which padding is limited. */
  readonly mtu: number;
}

/** Random bytes for delays, got at once: a system's randomness costs more than all else that a packet takes. */
const RANDOM_STOCK = 256;

/** The state that the parts of an engine share. */
export class Device<P extends Path> {
  readonly crypto: Crypto;
  readonly random: Random;
  readonly wallClock: Clock;
  readonly effects: Effects<P>;
  readonly mtu: number;
  readonly identities: Identities;
  readonly indices: IndexTable<IndexOwner<P>>;
  readonly allowedIps = new AllowedIps<Peer<P>>();
  readonly wakeQueue = new WakeQueue<Peer<P>>();
  readonly drops: Record<DropReason, number> = newDropCounters();
  private dice: Uint8Array = new Uint8Array();
  private used = 0;
  private readonly peersByKey = new Map<string, Peer<P>>();

  constructor(ports: DevicePorts<P>) {
    this.crypto = ports.crypto;
    this.random = ports.random;
    this.wallClock = ports.wallClock;
    this.effects = ports.effects;
    this.mtu = ports.mtu;
    this.identities = new Identities(ports.crypto, ports.random);
    this.indices = new IndexTable(ports.random);
  }

  peers(): IterableIterator<Peer<P>> {
    return this.peersByKey.values();
  }

  findPeer(publicKey: Uint8Array): Peer<P> | undefined {
    return this.peersByKey.get(toBase64(publicKey));
  }

  /** @throws NetfoldError `wireguard.peer_exists`, `wireguard.own_key` when a new peer cannot have this key */
  requireFree(publicKey: Uint8Array): void {
    if (this.findPeer(publicKey)) {
      throw new NetfoldError({
        code: 'wireguard.peer_exists',
        message: `There is already a peer with the public key ${toBase64(publicKey)}`,
      });
    }
    if (this.identities.find(publicKey)) {
      throw new NetfoldError({ code: 'wireguard.own_key', message: 'A device cannot be its own peer' });
    }
  }

  /** Makes the peer known by its present public key. */
  enroll(peer: Peer<P>): void {
    this.peersByKey.set(toBase64(peer.publicKey), peer);
  }

  /** The peer is no longer known by its present public key. */
  withdraw(peer: Peer<P>): void {
    this.peersByKey.delete(toBase64(peer.publicKey));
  }

  /** A random delay of up to a third of a second (6.1). */
  jitter(): number {
    if (this.used === this.dice.length) {
      this.dice = this.random.bytes(RANDOM_STOCK);
      this.used = 0;
    }
    return Math.floor(((this.dice[this.used++] as number) / 256) * REKEY_JITTER);
  }

  /** Zeroes sessions and frees their indices. */
  closeSessions(keypairs: readonly Keypair[]): void {
    for (const keypair of keypairs) {
      this.indices.release(keypair.keys.localIndex);
      keypair.wipe();
    }
  }

  /** Sees to it that the peer is woken for its earliest timer. */
  reschedule(peer: Peer<P>): void {
    if (peer.timers.isSooner) this.wakeQueue.schedule(peer, peer.timers.next());
  }

  /** An authenticated message came from the peer: it is alive, and where the message came from (6.5; roaming, 2.1). */
  heard(now: number, peer: Peer<P>, path: P, length: number): void {
    peer.rxBytes += length;
    peer.timers.packetReceived(now);
    const from = peer.path;
    if (from === path || from?.key === path.key || (from && !peer.roaming)) return;
    peer.path = path;
    this.effects.event({ type: 'peer_roamed', peer, from, to: path });
  }

  drop(reason: DropReason): void {
    this.drops[reason]++;
  }
}
