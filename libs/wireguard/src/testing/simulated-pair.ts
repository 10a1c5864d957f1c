import { type Crypto, NobleCrypto, newDhKeyPair } from '#crypto';
import { seededRandom } from '#crypto/testing';
import type { PeerConfig } from '../device/peer-config.js';
import type { EngineOptions } from '../engine.js';
import type { Path } from '../path.js';
import { echoPacket } from './packets.js';
import { SimulatedNetwork } from './simulated-network.js';
import { SimulatedNode } from './simulated-node.js';

export interface PairOptions {
  readonly seed?: number;
  readonly crypto?: Crypto;
  readonly engine?: Partial<EngineOptions<Path>>;
  readonly peer?: Partial<PeerConfig<Path>>;
}

/** Alice at 10.0.0.1 and fd00::1, Bob at 10.0.0.2 and fd00::2, who know each other. */
export class SimulatedPair {
  readonly network: SimulatedNetwork;
  readonly alice: SimulatedNode;
  readonly bob: SimulatedNode;
  private sequence = 0;

  constructor({ seed = 1, crypto = new NobleCrypto(), engine = {}, peer = {} }: PairOptions = {}) {
    const random = seededRandom(seed);
    this.network = new SimulatedNetwork(random);
    this.alice = new SimulatedNode(this.network, crypto, random, 'alice', engine);
    this.bob = new SimulatedNode(this.network, crypto, random, 'bob', engine);
    this.alice.knows(this.bob, ['10.0.0.2/32', 'fd00::2/128'], peer);
    this.bob.knows(this.alice, ['10.0.0.1/32', 'fd00::1/128'], peer);
  }

  /** Sends a packet that is like no other, and yields it. */
  aliceSends(): Uint8Array {
    const packet = echoPacket('10.0.0.1', '10.0.0.2', this.sequence++);
    this.alice.send(packet);
    return packet;
  }

  bobSends(): Uint8Array {
    const packet = echoPacket('10.0.0.2', '10.0.0.1', this.sequence++);
    this.bob.send(packet);
    return packet;
  }

  /** Calls `action` every `period` ms for a while, letting time pass in between. */
  repeatedly(period: number, duration: number, action: () => void): void {
    const end = this.network.now + duration;
    while (this.network.now < end) {
      action();
      this.network.advance(period);
    }
  }

  /** A packet both ways every `period` ms. @returns how many each way */
  pingBothWays(period: number, duration: number): number {
    let count = 0;
    this.repeatedly(period, duration, () => {
      this.aliceSends();
      this.bobSends();
      count++;
    });
    return count;
  }

  /** Gives a node a new key, and tells the other one after a while, as a control plane would. */
  rotateKey(who: 'alice' | 'bob', tellAfter: number): void {
    const { network } = this;
    const node = this[who];
    const other = who === 'alice' ? this.bob : this.alice;
    const before = node.keys;
    const after = newDhKeyPair(node.crypto, node.random);
    node.keys = after;
    node.engine.rotatePrivateKey(network.now, after.privateKey);
    network.schedule(network.now + tellAfter, () => {
      other.engine.replacePeerKey(network.now, before.publicKey, after.publicKey);
    });
  }

  /** A session that Alice initiated. */
  connect(): this {
    this.aliceSends();
    this.network.advance(100);
    return this;
  }
}
