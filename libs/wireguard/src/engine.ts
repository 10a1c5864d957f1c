import { type Crypto, KEY_LENGTH } from '#crypto';
import { type Clock, NetfoldError, type Random } from '#kernel';
import { REJECT_AFTER_TIME } from './constants.js';
import type { EngineConfiguration } from './device/configuration.js';
import { Device } from './device/device.js';
import type { DropReason } from './device/drop-counters.js';
import { FastLane } from './device/fast-lane.js';
import { Gatekeeper } from './device/gatekeeper.js';
import { HandshakeReceiver } from './device/handshake-receiver.js';
import { HandshakeStarter } from './device/handshake-starter.js';
import { KeyRotation } from './device/key-rotation.js';
import { Outbox, type SendOutcome } from './device/outbox.js';
import type { PeerChanges, PeerConfig } from './device/peer-config.js';
import { PeerRegistry } from './device/peer-registry.js';
import { SessionOpener } from './device/session-opener.js';
import type { EngineStatus, PeerStatus } from './device/status.js';
import { TimerDriver } from './device/timer-driver.js';
import { TransportReceiver } from './device/transport-receiver.js';
import type { Effects, PeerView } from './effects.js';
import { type MessageKind, messageKind } from './messages.js';
import type { Path } from './path.js';

export interface EngineOptions<P extends Path> {
  readonly crypto: Crypto;
  readonly random: Random;
  /** Wall-clock time, for the timestamps of handshakes and the time of the last one. */
  readonly wallClock: Clock;
  readonly effects: Effects<P>;
  /** MTU of the tunnel, bytes. */
  readonly mtu?: number;
  /** Handshake messages a second beyond which cookies are asked for. */
  readonly handshakesPerSecond?: number;
}

const DEFAULT_MTU = 1420;
/** About a quarter of one core with native key agreement. */
const DEFAULT_HANDSHAKES_PER_SECOND = 1000;

/**
 * A WireGuard device without sockets, clocks or timers: give it datagrams, packets and the time, and it answers through
 * `Effects`. `now` is any clock in milliseconds that never goes back, the same in every call.
 */
export class Engine<P extends Path = Path> {
  /** The state that a data path of its own shares with the engine: sessions, indices, allowed IPs. */
  readonly device: Device<P>;
  readonly fastLane: FastLane<P>;
  private readonly gatekeeper: Gatekeeper<P>;
  private readonly outbox: Outbox<P>;
  private readonly handle: Record<MessageKind, (now: number, path: P, message: Uint8Array) => DropReason | undefined>;
  private readonly timers: TimerDriver<P>;
  private readonly rotation: KeyRotation<P>;
  private readonly registry: PeerRegistry<P>;

  constructor(options: EngineOptions<P>) {
    const device = new Device({ ...options, mtu: options.mtu ?? DEFAULT_MTU });
    this.gatekeeper = new Gatekeeper(device, options.handshakesPerSecond ?? DEFAULT_HANDSHAKES_PER_SECOND);
    const starter = new HandshakeStarter(device);
    const outbox = new Outbox(device, starter);
    const opener = new SessionOpener(device, starter, outbox);
    const handshakes = new HandshakeReceiver(device, this.gatekeeper, starter, opener);
    const transport = new TransportReceiver(device, starter, opener);
    this.device = device;
    this.outbox = outbox;
    this.fastLane = new FastLane(device, outbox, transport);
    this.handle = {
      initiation: (now, path, message) => handshakes.initiation(now, path, message),
      response: (now, path, message) => handshakes.response(now, path, message),
      cookie_reply: (now, _path, message) => handshakes.cookieReply(now, message),
      transport: (now, path, message) => transport.receive(now, path, message),
    };
    this.timers = new TimerDriver(device, starter, outbox);
    this.rotation = new KeyRotation(device, starter);
    this.registry = new PeerRegistry(device, starter, outbox);
  }

  /** Takes in a datagram that came over `path`. Its bytes may be overwritten. */
  receive(now: number, path: P, datagram: Uint8Array): void {
    const kind = messageKind(datagram);
    if (!kind) {
      this.device.effects.notWireguard(path, datagram);
      return;
    }
    const refusal = kind === 'malformed' ? kind : this.handle[kind](now, path, datagram);
    if (refusal) this.device.drop(refusal);
  }

  /** More handshake messages wait than can be served: for a second, who begins one is asked for a cookie (5.3). */
  underLoad(now: number): void {
    this.gatekeeper.underLoad(now);
  }

  /** Sends an IP packet to the peer that owns its destination. The packet is copied if it has to wait. */
  send(now: number, packet: Uint8Array): SendOutcome {
    return this.outbox.send(now, packet);
  }

  /** The peer that `send` would send this IP packet to. */
  destinationOf(packet: Uint8Array): PeerView<P> | undefined {
    return this.device.allowedIps.ownerOfDestination(packet);
  }

  /** Does what is due. Call it when `nextTimer` says so; calling it more often does no harm. */
  tick(now: number): void {
    this.rotation.retireDue(now);
    this.timers.tick(now);
  }

  /** When `tick` has something to do, on the clock of `now`; undefined while nothing is due. */
  nextTimer(): number | undefined {
    const { wakeQueue, identities } = this.device;
    const next = Math.min(wakeQueue.next() ?? Number.POSITIVE_INFINITY, identities.nextRetirement());
    return next === Number.POSITIVE_INFINITY ? undefined : next;
  }

  /**
   * Sets the private key: 32 bytes, all zero for none. With another key than before all sessions end; to replace a key
   * in use, `rotatePrivateKey`. A peer that turns out to be the device itself is removed.
   */
  setPrivateKey(privateKey: Uint8Array): void {
    this.rotation.reset(checkKey(privateKey));
    this.forgetSelf();
  }

  /**
   * Replaces the private key without losing a packet. For `overlap` ms the device answers under the former key too,
   * and initiates under it towards peers that have not yet shaken hands with the new one.
   */
  rotatePrivateKey(now: number, privateKey: Uint8Array, overlap: number = REJECT_AFTER_TIME): void {
    this.rotation.rotate(now, checkKey(privateKey), overlap);
    this.forgetSelf();
  }

  /** Stops answering under a former key: at once, or after `delay` ms. Sessions made under it run until they expire. */
  retireIdentity(now: number, publicKey: Uint8Array, delay = 0): void {
    this.rotation.retire(now, publicKey, delay);
  }

  /** @throws NetfoldError `wireguard.peer_exists`, `wireguard.bad_key`, `wireguard.own_key` */
  addPeer(now: number, config: PeerConfig<P>): PeerView<P> {
    checkKey(config.publicKey);
    checkPresharedKeys(config);
    return this.registry.add(now, config);
  }

  /** @throws NetfoldError `wireguard.no_peer`, `wireguard.bad_key` */
  updatePeer(now: number, publicKey: Uint8Array, changes: PeerChanges<P>): void {
    checkPresharedKeys(changes);
    this.registry.update(now, this.registry.require(publicKey), changes);
  }

  /** Ends all sessions with the peer and forgets it; an unknown one is already gone. */
  removePeer(publicKey: Uint8Array): void {
    const peer = this.device.findPeer(publicKey);
    if (peer) this.registry.remove(peer);
  }

  /**
   * The peer has a new static key: it stays the same peer, with its allowed IPs, path, counters and sessions. If it is
   * in use a handshake to the new key starts at once, and packets go on over the old session until that is done.
   *
   * @throws NetfoldError `wireguard.no_peer`, `wireguard.peer_exists`, `wireguard.bad_key`
   */
  replacePeerKey(now: number, oldPublicKey: Uint8Array, newPublicKey: Uint8Array): void {
    this.rotation.replacePeerKey(now, this.registry.require(oldPublicKey), checkKey(newPublicKey));
  }

  /** Replaces the session with a peer, which goes on until there is a new one; without one, nothing needs replacing. */
  renewSession(now: number, publicKey: Uint8Array): void {
    this.rotation.renew(now, this.registry.require(publicKey));
  }

  /** The public key of today; undefined before a private one is set. */
  get publicKey(): Uint8Array | undefined {
    return this.device.identities.current?.publicKey;
  }

  /** The configuration as it is now, with its secrets. */
  configuration(): EngineConfiguration<P> {
    return this.registry.configuration();
  }

  /** One peer of the status. */
  peerStatus(publicKey: Uint8Array): PeerStatus<P> | undefined {
    const peer = this.device.findPeer(publicKey);
    return peer && this.registry.peerStatus(peer);
  }

  /** Counters and state, without secrets. */
  status(): EngineStatus<P> {
    return this.registry.status();
  }

  private forgetSelf(): void {
    if (this.publicKey) this.removePeer(this.publicKey);
  }
}

function checkPresharedKeys({
  presharedKey,
  alsoAccepted = [],
}: Pick<PeerChanges, 'presharedKey' | 'alsoAccepted'>): void {
  if (presharedKey) checkKey(presharedKey);
  for (const key of alsoAccepted) checkKey(key);
}

function checkKey(key: Uint8Array): Uint8Array {
  if (key.length === KEY_LENGTH) return key;
  throw new NetfoldError({
    code: 'wireguard.bad_key',
    message: `A key has ${KEY_LENGTH} bytes, not ${key.length}`,
    hint: 'give the 32 raw bytes, not their base64',
  });
}
