import { parseAddress } from '#net';
import type { SegmentOptions } from '../segment/segment.js';
import { DeadlineQueue } from '../stack/deadline-queue.js';
import { TcpStack, type TcpStackOptions } from '../stack/tcp-stack.js';
import { type Chance, chanceFrom, type LinkOptions, SimulatedLink } from './simulated-link.js';
import { stripOptions } from './strip-options.js';

export const CLIENT = parseAddress('100.64.0.1');
export const SERVER = parseAddress('100.64.0.2');

export interface NetworkOptions extends LinkOptions {
  readonly seed?: number;
  readonly client?: Partial<TcpStackOptions>;
  readonly server?: Partial<TcpStackOptions>;
  /** Options that no SYN keeps on its way: the connection is one without them. */
  readonly stripped?: readonly (keyof SegmentOptions)[];
}

interface Packet {
  readonly to: TcpStack;
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
  readonly bytes: Uint8Array;
}

/** Two stacks, a link between them, and a clock that moves when told to. */
export class SimulatedNetwork {
  now = 1_000_000;
  readonly client: TcpStack;
  readonly server: TcpStack;
  readonly links: readonly [SimulatedLink, SimulatedLink];
  readonly chance: Chance;
  readonly #inFlight = new DeadlineQueue<Packet>();
  packets = 0;

  constructor(readonly options: NetworkOptions = {}) {
    this.chance = chanceFrom(options.seed ?? 1);
    this.links = [new SimulatedLink(options, this.chance), new SimulatedLink(options, this.chance)];
    this.client = this.#stack(this.links[0], () => this.server, options.client);
    this.server = this.#stack(this.links[1], () => this.client, options.server);
  }

  /** Runs until the condition holds, or nothing happens any more, or the time is over. Answers whether it holds. */
  run(until: () => boolean = () => false, limit = Number.POSITIVE_INFINITY): boolean {
    const end = this.now + limit;
    while (!until()) {
      const next = Math.min(this.#inFlight.next, this.client.deadline, this.server.deadline);
      if (next === Number.POSITIVE_INFINITY || next > end) {
        if (end !== Number.POSITIVE_INFINITY) this.now = end;
        return until();
      }
      this.now = Math.max(this.now, next);
      const packet = this.#inFlight.takeDue(this.now);
      if (packet) packet.to.receive(this.now, packet.source, packet.destination, packet.bytes);
      else {
        this.client.advance(this.now);
        this.server.advance(this.now);
      }
    }
    return true;
  }

  #stack(link: SimulatedLink, peer: () => TcpStack, options: Partial<TcpStackOptions> = {}): TcpStack {
    return new TcpStack({
      mtu: 1280,
      random: { bytes: (length) => Uint8Array.from({ length }, () => this.chance() * 256) },
      send: ({ local, remote }, segment) => {
        this.packets++;
        const left = stripOptions(local.address, remote.address, segment, this.options.stripped ?? []);
        for (const at of link.arrivals(this.now, left.length + 20)) {
          const bytes = link.carry(left);
          this.#inFlight.schedule({ to: peer(), source: local.address, destination: remote.address, bytes }, at);
        }
      },
      ...options,
    });
  }
}
