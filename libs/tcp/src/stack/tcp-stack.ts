import { NetfoldError, type Random } from '#kernel';
import type { Address } from '#net';
import type { Flow, TcpEndpoint } from '../connection/flow.js';
import { resetFor } from '../connection/reset-for.js';
import { SegmentWriter, type SendSegment } from '../connection/segment-writer.js';
import { TcpConnection } from '../connection/tcp-connection.js';
import { FLAG } from '../protocol.js';
import type { Segment } from '../segment/segment.js';
import { decodeSegment } from '../segment/segment-codec.js';
import { ConnectionTable } from './connection-table.js';
import { DeadlineQueue } from './deadline-queue.js';
import { type ListenOptions, TcpListener } from './tcp-listener.js';

// RFC 6335, section 6.
const FIRST_DYNAMIC = 49_152;
const DYNAMIC_PORTS = 65_536 - FIRST_DYNAMIC;
const MEBIBYTE = 1 << 20;

export interface TcpStackOptions {
  /** The largest IP packet in bytes that the network carries. */
  readonly mtu: number;
  /** Takes the segments that leave. The bytes are only good during the call. */
  readonly send: SendSegment;
  readonly random: Random;
  /** Told when `deadline` has become earlier. */
  readonly onDeadline?: (at: number) => void;
  /** Bytes that each connection keeps in each direction at most: 2 MiB, which 20 ms away is 800 Mbit/s. */
  readonly sendBuffer?: number;
  readonly receiveBuffer?: number;
  /** Connections at a time, those in TIME-WAIT included: 16,384. */
  readonly mostConnections?: number;
  /** Silence in ms before a peer is probed: never by default. */
  readonly keepAlive?: number;
}

/**
 * TCP for the addresses of one host (RFC 9293). It does nothing by itself: segments come in with `receive`, leave through
 * `send`, and time passes with `onDeadline`. All times are in milliseconds of one clock.
 */
export class TcpStack {
  readonly writer: SegmentWriter;
  readonly #connections: ConnectionTable<TcpConnection>;
  readonly #deadlines = new DeadlineQueue<TcpConnection>();
  readonly #listeners = new Map<number | 'any', TcpListener>();
  readonly #timestampOffset: number;
  readonly #most: number;

  constructor(readonly options: TcpStackOptions) {
    this.#most = options.mostConnections ?? 16_384;
    this.writer = new SegmentWriter(options.send, options.mtu);
    this.#connections = new ConnectionTable(this.#randomWord());
    this.#timestampOffset = this.#randomWord();
  }

  /** When `advance` wants to be called. */
  get deadline(): number {
    return this.#deadlines.next;
  }

  get connectionCount(): number {
    return this.#connections.count;
  }

  /**
   * Opens a connection; its observer hears how that ends.
   * @param from our address; port 0 for one that is free
   * @throws NetfoldError `tcp.no_port` when every port is taken, `tcp.too_many`
   */
  connect(now: number, from: TcpEndpoint, remote: TcpEndpoint): TcpConnection {
    if (this.#isFull()) throw tooMany(this.#most);
    const local = from.port === 0 ? { ...from, port: this.#freePort(from.address, remote) } : from;
    const connection = this.#open({ local, remote });
    connection.connect(now);
    return connection;
  }

  /**
   * Takes the connections to a port, or to any port that has no listener of its own.
   * @throws NetfoldError `tcp.port_in_use`
   */
  listen(port: number | 'any', options: ListenOptions): TcpListener {
    if (this.#listeners.has(port)) {
      throw new NetfoldError({ code: 'tcp.port_in_use', message: `TCP port ${port} has a listener already` });
    }
    const listener = new TcpListener(options, () => this.#listeners.delete(port));
    this.#listeners.set(port, listener);
    return listener;
  }

  /** Takes a segment from the network: the payload of an IP packet. The bytes are only needed during the call. */
  receive(now: number, source: Address, destination: Address, bytes: Uint8Array): void {
    const segment = decodeSegment(source, destination, bytes);
    if (!segment) return;
    const connection = this.#connections.find(destination, segment.destinationPort, source, segment.sourcePort);
    if (connection?.yieldsTo(now, segment)) connection.forget(now);
    else if (connection) {
      connection.receive(now, segment);
      return;
    }
    const local = { address: destination.slice(), port: segment.destinationPort };
    const remote = { address: source.slice(), port: segment.sourcePort };
    this.#receiveUnknown(now, { local, remote }, segment);
  }

  /** Lets time pass up to `now`: sends again, gives up. */
  advance(now: number): void {
    for (let due = this.#deadlines.takeDue(now); due; due = this.#deadlines.takeDue(now)) {
      if (due.deadline <= now) due.onDeadline(now);
      else this.#schedule(due);
    }
  }

  /** Ends every connection, and tells the peers. */
  close(now: number): void {
    for (const listener of [...this.#listeners.values()]) listener.close(now);
    for (const connection of [...this.#connections]) connection.abort(now);
  }

  /** For connections. */
  onSettled(connection: TcpConnection): void {
    if (connection.state === 'closed') {
      this.#deadlines.remove(connection);
      this.#connections.delete(connection);
    } else this.#schedule(connection);
  }

  /** A segment for no connection: a SYN for a listener, or one that is to be reset (RFC 9293, 3.10.7.1 and 3.10.7.2). */
  #receiveUnknown(now: number, flow: Flow, segment: Segment): void {
    if (segment.flags & FLAG.rst) return;
    const listener = this.#listeners.get(flow.local.port) ?? this.#listeners.get('any');
    const opens = (segment.flags & (FLAG.syn | FLAG.ack | FLAG.fin)) === FLAG.syn;
    if (!opens || !listener) this.writer.answer(flow, resetFor(segment));
    if (!opens || !listener || this.#isFull()) return;
    listener.request(now, this.#open(flow), segment);
  }

  #open(flow: Flow): TcpConnection {
    const { mtu, sendBuffer = 2 * MEBIBYTE, receiveBuffer = 2 * MEBIBYTE, keepAlive = 0 } = this.options;
    const timestampOffset = this.#timestampOffset;
    const iss = this.#randomWord();
    const options = { flow, mtu, iss, timestampOffset, sendBuffer, receiveBuffer, keepAlive };
    const connection = new TcpConnection(options, this);
    this.#connections.add(connection);
    return connection;
  }

  #schedule(connection: TcpConnection): void {
    const before = this.#deadlines.next;
    this.#deadlines.schedule(connection, connection.deadline);
    if (this.#deadlines.next < before) this.options.onDeadline?.(this.#deadlines.next);
  }

  #isFull(): boolean {
    return this.#connections.count >= this.#most;
  }

  /** A port from which there is no connection to this peer, the first behind a random one (RFC 6056, 3.3.1). */
  #freePort(address: Address, remote: TcpEndpoint): number {
    const start = this.#randomWord();
    for (let i = 0; i < DYNAMIC_PORTS; i++) {
      const port = FIRST_DYNAMIC + ((start + i) % DYNAMIC_PORTS);
      if (!this.#connections.find(address, port, remote.address, remote.port)) return port;
    }
    throw new NetfoldError({ code: 'tcp.no_port', message: 'every port towards this peer is in use' });
  }

  #randomWord(): number {
    const bytes = this.options.random.bytes(4);
    return new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0);
  }
}

const tooMany = (most: number): NetfoldError =>
  new NetfoldError({
    code: 'tcp.too_many',
    message: `there are ${most} TCP connections already`,
    hint: 'close some, or allow more',
  });
