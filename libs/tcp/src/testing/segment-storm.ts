import type { TcpConnection } from '../connection/tcp-connection.js';
import { FLAG } from '../protocol.js';
import { type Chance, chanceFrom } from './simulated-link.js';
import { WirePeer } from './wire-peer.js';

const PORTS = 40;

/** Throws segments at a stack that pass its checksum and are otherwise as bad as chance makes them. */
export class SegmentStorm {
  readonly peer: WirePeer;
  readonly connections = new Set<TcpConnection>();
  opened = 0;
  sent = 0;
  readonly #chance: Chance;
  /** The first sequence number of the stack's side, by our port. */
  readonly #starts = new Map<number, number>();
  readonly #into = new Uint8Array(5000);

  constructor(seed: number) {
    this.#chance = chanceFrom(seed);
    this.peer = new WirePeer({ mostConnections: 100, sendBuffer: 20_000, receiveBuffer: 20_000, keepAlive: 60_000 });
    this.peer.stack.listen(80, {
      onConnection: (connection) => {
        this.opened++;
        this.connections.add(connection);
        connection.observe({ onClose: () => this.connections.delete(connection) });
      },
    });
  }

  /** One segment, and now and then something that the program does, or that time passes. */
  step(): void {
    const { peer } = this;
    if (this.#happens(0.02)) this.#act();
    if (this.#happens(0.02)) peer.pass(this.#below(2) ? this.#below(300) : this.#below(100_000));
    for (const { flags, sequence, destinationPort } of peer.takeSegments()) {
      this.sent++;
      if (flags & FLAG.syn) this.#starts.set(destinationPort, sequence);
    }
    peer.theirPort = 1000 + this.#below(PORTS);
    peer.iss = this.#starts.get(peer.theirPort) ?? 0;
    peer.send({
      flags: this.#pick(['S', 'SA', 'A', 'A', 'A', 'A', 'FA', 'R', 'RA', '', 'SF', 'SFRA']),
      seq: this.#near(),
      ack: this.#near(),
      window: this.#pick([0, 1, 500, 65_535]),
      data: this.#pick([0, 0, 1, 100, 1200]),
      options: {
        mss: this.#pick([undefined, 0, 1, 536, 65_535]),
        windowShift: this.#pick([undefined, 0, 7, 255]),
        sackPermitted: this.#happens(0.5),
        timestamps: this.#pick([undefined, { value: this.#below(2 ** 32), echo: this.#below(2 ** 32) }]),
        sack: this.#happens(0.3) ? [this.#block()] : [],
      },
    });
  }

  #act(): void {
    const { peer } = this;
    for (const connection of this.connections) {
      if (!this.#happens(0.3)) continue;
      const act = this.#below(6);
      if (act < 2) connection.read(peer.now, this.#into.subarray(0, this.#below(5000)));
      else if (act < 4) connection.write(peer.now, this.#into);
      else if (act === 4) connection.end(peer.now);
      else if (this.#happens(0.3)) connection.close(peer.now);
    }
  }

  #block() {
    const from = (this.peer.iss + this.#near()) >>> 0;
    return { from, to: (from + this.#pick([0, 1, 1000, 2 ** 31, -5])) >>> 0 };
  }

  /** Mostly a number that may be right. */
  #near(): number {
    const near = this.#pick([0, 1, 1, 1, 2, this.#below(3000), this.#below(30_000), -this.#below(3000)]);
    return this.#happens(0.05) ? this.#below(2 ** 32) : near;
  }

  #pick<T>(items: readonly T[]): T {
    return items[this.#below(items.length)] as T;
  }

  #below(limit: number): number {
    return Math.floor(this.#chance() * limit);
  }

  #happens(probability: number): boolean {
    return this.#chance() < probability;
  }
}
