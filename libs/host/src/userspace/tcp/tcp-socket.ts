import { Duplex } from 'node:stream';
import type { Clock } from '#kernel';
import { formatAddress } from '#net';
import type { TcpConnection } from '#tcp';
import type { Endpoint } from '../../udp/udp-socket.js';

/** Bytes that are handed over at a time: what Node's own sockets read. */
const CHUNK = 65_536;

interface WaitingWrite {
  readonly bytes: Uint8Array;
  readonly done: (error?: Error | null) => void;
}

/**
 * A connection of the userspace TCP as a stream of Node. Either end may close its direction first, as with
 * `allowHalfOpen`; destroying it before everything was written resets the connection. What is not read stays in the stack and closes the window, which stops the peer.
 */
export class TcpSocket extends Duplex {
  readonly local: Endpoint;
  readonly remote: Endpoint;
  readonly #connection: TcpConnection;
  readonly #clock: Clock;
  #wanted = false;
  #pumping = false;
  /** Everything was handed over to be sent, and so was the end. */
  #ended = false;
  #waiting: WaitingWrite | undefined;

  constructor(connection: TcpConnection, clock: Clock) {
    super({ allowHalfOpen: true });
    this.#connection = connection;
    this.#clock = clock;
    const { local, remote } = connection.flow;
    this.local = { address: formatAddress(local.address), port: local.port };
    this.remote = { address: formatAddress(remote.address), port: remote.port };
    connection.observe({
      onReadable: () => this.#schedulePump(),
      onWritable: () => this.#writeMore(),
      onClose: (failure) => {
        // What both ends have ended can still be read; what the stack gave up has nothing more to come.
        const ended = this.#ended && (connection.ended || connection.readable > 0);
        if (failure || !ended) this.destroy(failure);
      },
    });
    this.#schedulePump();
  }

  override _read(): void {
    this.#wanted = true;
    this.#pump();
  }

  override _write(bytes: Uint8Array, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#waiting = { bytes, done };
    this.#writeMore();
  }

  override _final(done: () => void): void {
    this.#ended = true;
    this.#connection.end(this.#clock.now());
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    // A FIN would say that this was all.
    if (error || !this.writableFinished) this.#connection.abort(this.#clock.now());
    else this.#connection.close(this.#clock.now());
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.done(error);
    done(error);
  }

  // Segments come in batches: reading once behind a batch takes few large chunks in place of many small ones.
  #schedulePump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    queueMicrotask(() => {
      this.#pumping = false;
      this.#pump();
    });
  }

  #pump(): void {
    while (this.#wanted && !this.destroyed && this.#connection.readable > 0) {
      const chunk = Buffer.allocUnsafe(Math.min(CHUNK, this.#connection.readable));
      this.#connection.read(this.#clock.now(), chunk);
      this.#wanted = this.push(chunk);
    }
    if (this.#connection.ended && !this.readableEnded && !this.destroyed) this.push(null);
  }

  #writeMore(): void {
    const waiting = this.#waiting;
    if (!waiting) return;
    const taken = this.#connection.write(this.#clock.now(), waiting.bytes);
    const left = waiting.bytes.subarray(taken);
    this.#waiting = left.length > 0 ? { ...waiting, bytes: left } : undefined;
    if (left.length === 0) waiting.done();
  }
}
