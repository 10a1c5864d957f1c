import type { Crypto } from '#crypto';
import { PacketFilter } from '#filter';
import type { Tun, UdpSocket } from '#host';
import type { Clock, Random } from '#kernel';
import type { PeerPresence } from '#wire';
import { Engine, type EngineEvent, messageKind, type PeerConfig, type PeerView } from '#wireguard';
import { EngineTimer } from './engine-timer.js';
import { Reachability } from './reachability.js';
import { pathTo, type UdpPath } from './udp-path.js';

export interface TunnelPorts {
  readonly crypto: Crypto;
  readonly random: Random;
  readonly wallClock: Clock;
  /** Milliseconds of a clock that never goes back. */
  readonly monotonic: () => number;
  readonly udp: UdpSocket;
  readonly tun: Tun;
}

/** Sees inbound packets that were let in; the answer is whether it kept the packet to itself. */
export type PacketTap = (packet: Uint8Array) => boolean;

/** A session with the peer began on this path, or the last one ended. */
export type SessionListener = (id: string, connected: boolean, path: UdpPath | undefined) => void;

// A session that is in use keeps the mappings of NATs and firewalls on the way open: seconds.
export const KEEPALIVE_SECONDS = 25;

/**
 * The data plane: packets of the host are noted by the filter, sealed and sent; datagrams are opened, judged by the
 * filter and handed to the host.
 */
export class Tunnel {
  readonly engine: Engine<UdpPath>;
  readonly filter: PacketFilter;
  readonly reachability = new Reachability();
  readonly #timer: EngineTimer;
  readonly #peers = new Map<string, PeerView<UdpPath>>();
  /** The ids of the peers that there is a session with: the engine knows best where these are. */
  readonly #connected = new Set<string>();
  /** The ids of peers that this node was talking to when it stopped. */
  #resuming: ReadonlySet<string> = new Set();
  #tap: PacketTap = () => false;
  #sessionListener: SessionListener = () => {};

  constructor(readonly ports: TunnelPorts) {
    const { crypto, random, wallClock, monotonic, udp, tun } = ports;
    this.filter = new PacketFilter({ seed: new DataView(random.bytes(4).slice().buffer).getUint32(0) });
    this.engine = new Engine<UdpPath>({
      crypto,
      random,
      wallClock,
      mtu: tun.mtu,
      effects: {
        transmit: (path, datagram) => this.#transmit(path, datagram),
        deliver: (peer, packet) => this.#deliver(peer, packet),
        notWireguard: () => {},
        event: (event) => this.#note(event),
      },
    });
    this.#timer = new EngineTimer(monotonic, () => this.#tick());
    udp.onDatagram((datagram, source) => {
      this.engine.receive(this.now, pathTo(source), datagram);
      this.settle();
    });
    tun.onPackets((packets) => {
      for (const packet of packets) this.send(packet);
      this.settle();
    });
  }

  get now(): number {
    return this.ports.monotonic();
  }

  /** Sends a packet as if the host had; the answer is the id of the peer that it went to. */
  send(packet: Uint8Array): string | undefined {
    const peer = this.engine.destinationOf(packet);
    if (!peer) return undefined;
    this.filter.outbound(this.now, peer.label, packet);
    this.engine.send(this.now, packet);
    return peer.label;
  }

  /** Must follow whatever may have changed the engine's next deadline. */
  settle(): void {
    this.#timer.schedule(this.engine.nextTimer());
  }

  /** @throws NetfoldError as `Engine.addPeer` does */
  addPeer(config: PeerConfig<UdpPath> & { readonly label: string }): void {
    const path = this.reachability.bestOf(config.label);
    // Who was talked to waits for no packet of this node's: until it begins anew, what they send is lost.
    const persistentKeepalive = this.#resuming.has(config.label) ? KEEPALIVE_SECONDS : 0;
    const peer = this.engine.addPeer(this.now, { ...config, persistentKeepalive, ...(path && { path }) });
    this.#peers.set(config.label, peer);
  }

  removePeer(id: string): void {
    const peer = this.#peers.get(id);
    if (peer) this.engine.removePeer(peer.publicKey);
    this.#peers.delete(id);
    this.#connected.delete(id);
    this.reachability.forget(id);
  }

  /** The newest about a peer: where it can be reached, should it not be where it was. */
  learn(presence: PeerPresence): void {
    this.reachability.learn(presence);
    const peer = this.#peers.get(presence.nodeId);
    const path = this.reachability.bestOf(presence.nodeId);
    if (!peer || !path || this.#connected.has(presence.nodeId)) return;
    this.engine.updatePeer(this.now, peer.publicKey, { path });
    this.settle();
  }

  /** Where packets to the peer go. */
  pathOf(id: string): UdpPath | undefined {
    return this.#peers.get(id)?.path;
  }

  isConnected(id: string): boolean {
    return this.#connected.has(id);
  }

  /** Takes what was known before a restart: where peers were, and which of them to call on as soon as they are added. */
  recall(presence: readonly PeerPresence[], inUse: ReadonlySet<string>): void {
    for (const peer of presence) this.reachability.learn(peer);
    this.#resuming = inUse;
  }

  /** There is one listener; a later one replaces it. */
  onSession(listener: SessionListener): void {
    this.#sessionListener = listener;
  }

  /** There is one tap; a later one replaces it. */
  onInbound(tap: PacketTap): void {
    this.#tap = tap;
  }

  close(): void {
    this.#timer.stop();
  }

  #tick(): void {
    this.engine.tick(this.now);
    this.settle();
  }

  #transmit(path: UdpPath, datagram: Uint8Array): void {
    const { udp } = this.ports;
    udp.send(path.endpoint, datagram);
    if (messageKind(datagram) !== 'initiation') return;
    for (const { endpoint } of this.reachability.alternativesTo(path)) udp.send(endpoint, datagram);
  }

  #deliver(peer: PeerView<UdpPath>, packet: Uint8Array): void {
    if (!this.filter.inbound(this.now, peer.label, packet).allowed) return;
    if (!this.#tap(packet)) this.ports.tun.write(packet);
  }

  #note(event: EngineEvent<UdpPath>): void {
    if (event.type === 'identity_retired') return;
    const { peer } = event;
    if (event.type === 'peer_roamed') this.reachability.prove(peer.label, event.to);
    else if (event.type === 'handshake_completed') this.#setConnected(peer, true);
    else this.#setConnected(peer, false);
  }

  #setConnected(peer: PeerView<UdpPath>, connected: boolean): void {
    if (connected) this.#connected.add(peer.label);
    else this.#connected.delete(peer.label);
    this.#sessionListener(peer.label, connected, peer.path);
    // In its own turn: the engine is in the middle of what it tells about.
    queueMicrotask(() => {
      if (this.#peers.get(peer.label) !== peer) return;
      this.engine.updatePeer(this.now, peer.publicKey, { persistentKeepalive: connected ? KEEPALIVE_SECONDS : 0 });
      this.settle();
    });
  }
}
