import type { DataPath, UdpPath } from '#dataplane';
import type { Problem } from '#kernel';
import { EMPTY_RECORD, type PresharedKeys, presharedKeysOf } from '#psk';
import type { PeerPresence } from '#wire';
import type { EngineEvent, PeerConfig, PeerStatus, PeerView } from '#wireguard';
import { Reachability } from './reachability.js';

/** A session with the peer began on this path, or the last one ended. */
export type SessionListener = (id: string, connected: boolean, path: UdpPath | undefined) => void;

// A session that is in use keeps the mappings of NATs and firewalls on the way open: seconds.
export const KEEPALIVE_SECONDS = 25;

/** The data path with what it does not know: who the peers are, and in which ways they may be reached. */
export class Tunnel {
  readonly engine: DataPath['engine'];
  readonly filter: DataPath['filter'];
  readonly reachability = new Reachability();
  readonly #peers = new Map<string, PeerView<UdpPath>>();
  /** The ids of the peers that there is a session with: the engine knows best where these are. */
  readonly #connected = new Set<string>();
  /** Seconds between the keepalives to peers, by id, where somebody has said it. */
  readonly #keepalives = new Map<string, number>();
  /** The pre-shared keys that were agreed on with peers, by id. */
  readonly #agreed = new Map<string, PresharedKeys>();
  /** Those that somebody has set, by id: they come first. */
  readonly #presharedByHand = new Map<string, Uint8Array>();
  /** The ids of peers that this node was talking to when it stopped. */
  #resuming: ReadonlySet<string> = new Set();
  #echoListener: (packet: Uint8Array) => void = () => {};
  #sessionListener: SessionListener = () => {};
  #problem: Problem | undefined;

  /** @param monotonic milliseconds of a clock that never goes back: the data path's */
  constructor(
    readonly path: DataPath,
    readonly monotonic: () => number,
  ) {
    this.engine = path.engine;
    this.filter = path.filter;
    path.listen({
      event: (event) => this.#note(event),
      initiationSent: (first, datagram) => {
        for (const { endpoint } of this.reachability.alternativesTo(first)) path.transmit(endpoint, datagram);
      },
      notWireguard: () => {},
      echoReply: (packet) => this.#echoListener(packet),
      failed: (problem) => {
        this.#problem = problem;
      },
      restored: ([failure]) => {
        this.#problem = failure && notAsBefore(failure);
      },
    });
  }

  get now(): number {
    return this.monotonic();
  }

  /** Why packets can no longer come or go, be it of one peer, if that is so. */
  get problem(): Problem | undefined {
    return this.#problem;
  }

  /** Sends a packet as if the host had; the answer is the id of the peer that it went to. */
  send(packet: Uint8Array): string | undefined {
    return this.path.send(packet);
  }

  /** Must follow whatever may have changed the engine's next deadline. */
  settle(): void {
    this.path.settle();
  }

  /** @throws NetfoldError as `Engine.addPeer` does */
  addPeer(config: PeerConfig<UdpPath> & { readonly label: string }): void {
    const path = this.reachability.bestOf(config.label);
    // Who was talked to waits for no packet of this node's: until it begins anew, what they send is lost.
    const persistentKeepalive = this.#resuming.has(config.label) ? KEEPALIVE_SECONDS : 0;
    const peer = this.engine.addPeer(this.now, {
      ...config,
      ...this.#presharedKeysOf(config.label),
      persistentKeepalive,
      ...(path && { path }),
    });
    this.#peers.set(config.label, peer);
  }

  removePeer(id: string): void {
    const peer = this.#peers.get(id);
    if (peer) this.engine.removePeer(peer.publicKey);
    this.#peers.delete(id);
    this.#connected.delete(id);
    this.reachability.forget(id);
  }

  /** What somebody has said stays, whatever becomes of the session. @param seconds undefined takes it back */
  setKeepalive(id: string, seconds: number | undefined): void {
    if (seconds === undefined) this.#keepalives.delete(id);
    else this.#keepalives.set(id, seconds);
    this.#keepAlive(id);
  }

  /** What was agreed on with a peer, be it there or not. It gives way to what somebody has said. */
  agree(id: string, keys: PresharedKeys): void {
    this.#agreed.set(id, keys);
    this.#setPresharedKeys(id);
  }

  /** What somebody has said stays. @param key undefined, or 32 zeros, takes it back */
  setPresharedKey(id: string, key: Uint8Array | undefined): void {
    if (key?.some((byte) => byte !== 0)) this.#presharedByHand.set(id, key);
    else this.#presharedByHand.delete(id);
    this.#setPresharedKeys(id);
  }

  /** Whether somebody has set the pre-shared key of this peer. */
  hasPresharedKey(id: string): boolean {
    return this.#presharedByHand.has(id);
  }

  /** Replaces the session with the peer, if there is one. */
  renew(id: string): void {
    const peer = this.#peers.get(id);
    if (peer) this.engine.renewSession(this.now, peer.publicKey);
    this.settle();
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

  /** The bytes of messages that came from the peer and went to it; undefined for none. */
  traffic(id: string): Pick<PeerStatus, 'rxBytes' | 'txBytes'> | undefined {
    const peer = this.#peers.get(id);
    return peer && this.engine.peerStatus(peer.publicKey);
  }

  /** Calls for an answer from the peer, whatever was sent to it before. */
  probe(id: string): void {
    const peer = this.#peers.get(id);
    if (!peer) return;
    this.engine.renewSession(this.now, peer.publicKey);
    // Without a session there is nothing to renew: a keepalive begins one.
    for (const persistentKeepalive of [0, KEEPALIVE_SECONDS]) {
      this.engine.updatePeer(this.now, peer.publicKey, { persistentKeepalive });
    }
    this.#keepAlive(id);
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

  /** Echo replies with this identifier are the listener's, not the host's. There is one; a later one replaces it. */
  onEchoReply(identifier: number, listener: (packet: Uint8Array) => void): void {
    this.#echoListener = listener;
    this.path.captureEchoReplies(identifier);
  }

  #presharedKeysOf(id: string): PresharedKeys {
    const byHand = this.#presharedByHand.get(id);
    if (byHand) return { presharedKey: byHand, alsoAccepted: [] };
    return this.#agreed.get(id) ?? presharedKeysOf(EMPTY_RECORD);
  }

  #setPresharedKeys(id: string): void {
    const peer = this.#peers.get(id);
    if (peer) this.engine.updatePeer(this.now, peer.publicKey, this.#presharedKeysOf(id));
  }

  #note(event: EngineEvent<UdpPath>): void {
    if (event.type === 'identity_retired') return;
    const { peer } = event;
    if (!this.#peers.has(peer.label)) return; // it is gone, or none of the netmap's
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
      if (this.#peers.get(peer.label) === peer) this.#keepAlive(peer.label);
    });
  }

  #keepAlive(id: string): void {
    const peer = this.#peers.get(id);
    if (!peer) return;
    const persistentKeepalive = this.#keepalives.get(id) ?? (this.#connected.has(id) ? KEEPALIVE_SECONDS : 0);
    this.engine.updatePeer(this.now, peer.publicKey, { persistentKeepalive });
    this.settle();
  }
}

const notAsBefore = ({ code, message }: Problem): Problem => ({
  code,
  message: `what carries packets has started again, but not with all that it had: ${message}`,
  hint: 'netfold down, then netfold up, makes all of it anew',
});
