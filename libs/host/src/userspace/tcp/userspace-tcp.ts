import { type Clock, NetfoldError, type Random } from '#kernel';
import { formatAddress, parseAddress } from '#net';
import { type ListenOptions, type TcpConnection, TcpStack } from '#tcp';
import { systemRandom } from '../../system-random.js';
import type { Endpoint } from '../../udp/udp-socket.js';
import { DEFAULT_HOP_LIMIT, type IpPacket, PROTOCOL } from '../ip-packet.js';
import type { UserspaceHost } from '../userspace-host.js';
import { TcpSocket } from './tcp-socket.js';

export interface UserspaceTcpOptions {
  /** The largest IP packet in bytes that the mesh carries: 1280 by default. */
  readonly mtu?: number;
  /** A clock that never goes back; the process' own by default. */
  readonly clock?: Clock;
  readonly random?: Random;
  /** Milliseconds of silence before a peer is probed; 2 hours by default (RFC 9293, 3.8.4). 0 never probes. */
  readonly keepAlive?: number;
}

/** Whoever sends the packets and hands over those that arrive: a host in memory, or what stands for several. */
export type TcpHost = Pick<UserspaceHost, 'handle' | 'send' | 'requireAddressTowards'>;

/** A connection that a peer asks for. */
export interface TcpRequest {
  readonly source: Endpoint;
  readonly destination: Endpoint;
  /** Aborted when the connection is over before anything took it: what was begun for it is to be given up. */
  readonly signal: AbortSignal;
}

export interface TcpServer {
  /** Takes no more connections; those there are stay. */
  close(): void;
}

const monotonicClock: Clock = { now: () => performance.now() };
const TWO_HOURS = 7_200_000;
// Node's timers overflow beyond.
const LONGEST_TIMER = 2 ** 31 - 1;

/** TCP for a host in memory: streams of Node, over packets that the host sends and receives. */
export class UserspaceTcp {
  readonly #stack: TcpStack;
  readonly #clock: Clock;
  #sending = false;
  #timer: NodeJS.Timeout | undefined;
  #timerAt = Number.POSITIVE_INFINITY;
  #closed = false;

  constructor(
    readonly host: TcpHost,
    { mtu = 1280, clock = monotonicClock, random = systemRandom, keepAlive = TWO_HOURS }: UserspaceTcpOptions = {},
  ) {
    this.#clock = clock;
    this.#stack = new TcpStack({
      mtu,
      random,
      keepAlive,
      send: ({ local, remote }, payload) => this.#send({ source: local.address, destination: remote.address, payload }),
      onDeadline: (at) => this.#schedule(at),
    });
    host.handle(PROTOCOL.tcp, (_now, packet) => this.#receive(packet));
  }

  /**
   * Opens a connection.
   * @param timeout in ms, 30 s by default
   * @throws NetfoldError `net.bad_address`, `host.no_address`, `tcp.refused`, `tcp.timeout`, `tcp.too_many`, `tcp.no_port`
   */
  connect(address: string, port: number, { timeout = 30_000 }: { readonly timeout?: number } = {}): Promise<TcpSocket> {
    return new Promise((resolve, reject) => {
      const remote = parseAddress(address);
      const source = this.host.requireAddressTowards(remote);
      const connection = this.#stack.connect(this.#now, { address: source, port: 0 }, { address: remote, port });
      const timer = setTimeout(() => {
        connection.abort(this.#now);
        reject(noAnswer(address, port));
      }, timeout);
      connection.observe({
        onOpen: () => {
          clearTimeout(timer);
          resolve(new TcpSocket(connection, this.#clock));
        },
        onClose: (failure) => {
          clearTimeout(timer);
          reject(failure ?? noAnswer(address, port));
        },
      });
    });
  }

  /** Hands each connection to a port to the listener. @throws NetfoldError `tcp.port_in_use` */
  listen(port: number, onSocket: (socket: TcpSocket) => void): TcpServer {
    return this.#listen(port, { onConnection: (connection) => onSocket(new TcpSocket(connection, this.#clock)) });
  }

  /**
   * Takes the connections to every port that has no listener.
   * @param decide is asked about each: it answers what takes the socket, or undefined to refuse the connection. Until
   * then, 30 s at most, the peer waits.
   * @throws NetfoldError `tcp.port_in_use` when there is one already
   */
  listenElsewhere(decide: (request: TcpRequest) => Promise<((socket: TcpSocket) => void) | undefined>): TcpServer {
    const answer = async (connection: TcpConnection) => {
      const { local, remote } = connection.flow;
      const source = { address: formatAddress(remote.address), port: remote.port };
      const destination = { address: formatAddress(local.address), port: local.port };
      const over = new AbortController();
      connection.observe({ onClose: () => over.abort() });
      const take = await decide({ source, destination, signal: over.signal }).catch(() => undefined);
      if (over.signal.aborted) return;
      if (!take) return connection.refuse(this.#now);
      const socket = new TcpSocket(connection, this.#clock);
      connection.accept(this.#now);
      take(socket);
    };
    return this.#listen('any', { onRequest: (connection) => void answer(connection) });
  }

  /** Resets every connection. */
  close(): void {
    this.#stack.close(this.#now);
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  get #now(): number {
    return this.#clock.now();
  }

  #listen(port: number | 'any', options: ListenOptions): TcpServer {
    const listener = this.#stack.listen(port, options);
    return { close: () => listener.close(this.#now) };
  }

  #send(packet: Pick<IpPacket, 'source' | 'destination' | 'payload'>): void {
    this.#sending = true;
    this.host.send({ ...packet, protocol: PROTOCOL.tcp, hopLimit: DEFAULT_HOP_LIMIT });
    this.#sending = false;
  }

  /** What is for this host itself, or answered by one beside it, comes back from within the call that sends it. */
  #receive({ source, destination, payload }: IpPacket): void {
    if (!this.#sending) {
      this.#stack.receive(this.#now, source, destination, payload);
      return;
    }
    const copy = payload.slice();
    queueMicrotask(() => this.#stack.receive(this.#now, source, destination, copy));
  }

  #schedule(at: number): void {
    if (at >= this.#timerAt || this.#closed) return;
    clearTimeout(this.#timer);
    this.#timerAt = at;
    const delay = Math.min(LONGEST_TIMER, Math.max(0, Math.ceil(at - this.#now)));
    this.#timer = setTimeout(() => this.#advance(), delay);
    // What keeps a program running is its streams' users, not the stack.
    this.#timer.unref();
  }

  #advance(): void {
    this.#timerAt = Number.POSITIVE_INFINITY;
    this.#stack.advance(this.#now);
    if (this.#stack.deadline < Number.POSITIVE_INFINITY) this.#schedule(this.#stack.deadline);
  }
}

const noAnswer = (address: string, port: number): NetfoldError =>
  new NetfoldError({
    code: 'tcp.timeout',
    message: `${address} does not answer on port ${port}`,
    hint: 'check that the node is online and that the policy lets you reach it',
  });
