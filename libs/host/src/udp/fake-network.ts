import type { DatagramListener, Endpoint, UdpSocket } from './udp-socket.js';

export interface FakeNetworkOptions {
  /** Milliseconds from sending to arrival, for each datagram; 0 by default. */
  readonly latency?: (from: Endpoint, to: Endpoint) => number;
  /** Whether this datagram is lost; none by default. */
  readonly lost?: (from: Endpoint, to: Endpoint, bytes: Uint8Array) => boolean;
}

interface InFlight {
  readonly due: number;
  readonly from: Endpoint;
  readonly to: Endpoint;
  readonly bytes: Uint8Array;
}

/**
 * A network of UDP sockets in memory whose time stands still until `advance`.
 * Datagrams that are due at the same moment arrive in the order in which they were sent.
 */
export class FakeNetwork {
  #now = 0;
  #inFlight: InFlight[] = [];
  readonly #sockets = new Map<string, FakeUdpSocket>();

  constructor(readonly options: FakeNetworkOptions = {}) {}

  /** Milliseconds since the network was made. */
  get now(): number {
    return this.#now;
  }

  /** A socket that is reachable at this endpoint; it replaces one that was closed there. */
  socket(at: Endpoint): FakeUdpSocket {
    const socket = new FakeUdpSocket(this, at);
    this.#sockets.set(keyOf(at), socket);
    return socket;
  }

  /** Moves time on and delivers all that is due, also what is sent meanwhile. Answers how many datagrams arrived. */
  advance(milliseconds = 0): number {
    const until = this.#now + milliseconds;
    let delivered = 0;
    for (let next = this.#takeNext(until); next; next = this.#takeNext(until)) {
      this.#now = Math.max(this.#now, next.due);
      if (this.#sockets.get(keyOf(next.to))?.receive(next.bytes, next.from)) delivered++;
    }
    this.#now = until;
    return delivered;
  }

  /** For sockets: puts a datagram on its way. */
  carry(from: Endpoint, to: Endpoint, bytes: Uint8Array): void {
    if (this.options.lost?.(from, to, bytes)) return;
    const due = this.#now + (this.options.latency?.(from, to) ?? 0);
    this.#inFlight.push({ due, from, to, bytes: bytes.slice() });
  }

  #takeNext(until: number): InFlight | undefined {
    let earliest = -1;
    for (const [index, { due }] of this.#inFlight.entries()) {
      if (due <= until && (earliest < 0 || due < (this.#inFlight[earliest] as InFlight).due)) earliest = index;
    }
    return earliest < 0 ? undefined : this.#inFlight.splice(earliest, 1)[0];
  }
}

const keyOf = ({ address, port }: Endpoint): string => `${address} ${port}`;

/** A socket of a `FakeNetwork`. */
export class FakeUdpSocket implements UdpSocket {
  #closed = false;
  #listener: DatagramListener | undefined;

  constructor(
    readonly network: FakeNetwork,
    readonly local: Endpoint,
  ) {}

  get localPort(): number {
    return this.local.port;
  }

  onDatagram(listener: DatagramListener): void {
    this.#listener = listener;
  }

  send(to: Endpoint, bytes: Uint8Array): void {
    if (!this.#closed) this.network.carry(this.local, to, bytes);
  }

  /** For the network: answers whether anybody took it. */
  receive(bytes: Uint8Array, source: Endpoint): boolean {
    if (this.#closed || !this.#listener) return false;
    this.#listener(bytes, source);
    return true;
  }

  async close(): Promise<void> {
    this.#closed = true;
  }
}
