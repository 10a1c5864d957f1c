import { type Crypto, type KeyPair, newDhKeyPair } from '#crypto';
import type { Random } from '#kernel';
import { parsePrefix } from '#net';
import type { PeerConfig } from '../device/peer-config.js';
import type { Effects, EngineEvent, PeerView } from '../effects.js';
import { Engine, type EngineOptions } from '../engine.js';
import type { Path } from '../path.js';
import type { SimulatedNetwork, Station } from './simulated-network.js';

/** An engine on a simulated network, which remembers what came out of it. */
export class SimulatedNode implements Effects<Path>, Station {
  readonly engine: Engine<Path>;
  readonly delivered: { readonly label: string; readonly packet: Uint8Array }[] = [];
  readonly events: EngineEvent<Path>[] = [];
  readonly foreign: Uint8Array[] = [];
  keys: KeyPair;
  onDeliver: (peer: PeerView<Path>, packet: Uint8Array) => void = () => {};

  constructor(
    readonly network: SimulatedNetwork,
    readonly crypto: Crypto,
    readonly random: Random,
    /** Where it is attached to the network. */
    public address: string,
    options: Partial<EngineOptions<Path>> = {},
  ) {
    const wallClock = { now: () => 1_800_000_000_000 + network.now };
    this.engine = new Engine<Path>({ crypto, random, wallClock, effects: this, ...options });
    this.keys = newDhKeyPair(crypto, random);
    this.engine.setPrivateKey(this.keys.privateKey);
    network.attach(address, this);
  }

  /** Makes `other` a peer that owns the given prefixes. */
  knows(other: SimulatedNode, allowedIps: readonly string[], config: Partial<PeerConfig<Path>> = {}): void {
    this.engine.addPeer(this.network.now, {
      publicKey: other.keys.publicKey,
      allowedIps: allowedIps.map(parsePrefix),
      path: { key: other.address },
      label: other.address,
      ...config,
    });
  }

  /** Goes on under another address, as a laptop does that changes networks. */
  moveTo(address: string): void {
    this.network.detach(this.address);
    this.address = address;
    this.network.attach(address, this);
  }

  send(packet: Uint8Array): void {
    this.engine.send(this.network.now, packet);
  }

  eventTypes(): string[] {
    return this.events.map((event) => event.type);
  }

  receive(now: number, from: Path, datagram: Uint8Array): void {
    this.engine.receive(now, from, datagram);
  }

  tick(now: number): void {
    this.engine.tick(now);
  }

  nextTimer(): number | undefined {
    return this.engine.nextTimer();
  }

  transmit(path: Path, datagram: Uint8Array): void {
    this.network.send(this.address, path.key, datagram);
  }

  deliver(peer: PeerView<Path>, packet: Uint8Array): void {
    this.delivered.push({ label: peer.label, packet: Uint8Array.from(packet) });
    this.onDeliver(peer, packet);
  }

  notWireguard(_path: Path, datagram: Uint8Array): void {
    this.foreign.push(Uint8Array.from(datagram));
  }

  event(event: EngineEvent<Path>): void {
    this.events.push(event);
  }
}
