import type { DatagramListener, Endpoint, UdpSocket } from '#host';
import type { Dice } from './dice.js';
import type { Scheduler } from './scheduler.js';

/** How datagrams fare; probabilities are 0 to 1, times in milliseconds. */
export interface Weather {
  readonly latency: number;
  /** On top of the latency, at most: datagrams overtake each other because of it. */
  readonly jitter: number;
  readonly loss: number;
  readonly duplication: number;
}

export const FAIR: Weather = { latency: 5, jitter: 0, loss: 0, duplication: 0 };

/** UDP between hosts, in simulated time. */
export class SimulatedInternet {
  weather: Weather = FAIR;
  readonly #sockets = new Map<string, SimulatedSocket>();
  /** Pairs of addresses, in both directions, that do not reach each other. */
  readonly #cuts = new Set<string>();

  constructor(
    readonly scheduler: Scheduler,
    readonly dice: Dice,
  ) {}

  /** A socket at this endpoint; it replaces the one that was there. */
  socket(at: Endpoint): UdpSocket {
    const socket = new SimulatedSocket(this, at);
    this.#sockets.set(keyOf(at), socket);
    return socket;
  }

  /** Lets nothing pass between two addresses. */
  cut(a: string, b: string): void {
    this.#cuts.add(`${a} ${b}`).add(`${b} ${a}`);
  }

  /** Mends all cuts. */
  mend(): void {
    this.#cuts.clear();
  }

  /** For sockets. */
  carry(from: Endpoint, to: Endpoint, bytes: Uint8Array): void {
    const { loss, duplication } = this.weather;
    if (this.#cuts.has(`${from.address} ${to.address}`) || this.dice.chance(loss)) return;
    const copies = this.dice.chance(duplication) ? 2 : 1;
    for (let i = 0; i < copies; i++) this.#send(from, to, bytes.slice());
  }

  #send(from: Endpoint, to: Endpoint, bytes: Uint8Array): void {
    const { latency, jitter } = this.weather;
    this.scheduler.after(latency + this.dice.below(jitter + 1), () => {
      this.#sockets.get(keyOf(to))?.receive(bytes, from);
    });
  }
}

class SimulatedSocket implements UdpSocket {
  #listener: DatagramListener | undefined;
  #closed = false;

  constructor(
    private readonly internet: SimulatedInternet,
    private readonly local: Endpoint,
  ) {}

  get localPort(): number {
    return this.local.port;
  }

  onDatagram(listener: DatagramListener): void {
    this.#listener = listener;
  }

  send(to: Endpoint, bytes: Uint8Array): void {
    if (!this.#closed) this.internet.carry(this.local, to, bytes);
  }

  receive(bytes: Uint8Array, source: Endpoint): void {
    if (!this.#closed) this.#listener?.(bytes, source);
  }

  async close(): Promise<void> {
    this.#closed = true;
  }
}

const keyOf = ({ address, port }: Endpoint): string => `${address} ${port}`;
