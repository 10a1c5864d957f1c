import { performance } from 'node:perf_hooks';
import type { Engine } from '#wireguard';
import type { UdpPath } from './udp-path.js';
import { HandshakeQueue, type QueuedPath } from './worker/handshake-queue.js';
import { TimeShare } from './worker/time-share.js';

/** Sources that are known for their packets: more than any node talks to at a time. */
const MOST_PROVEN = 4_096;

export interface InlineDeskPorts {
  readonly engine: Pick<Engine<UdpPath>, 'receive' | 'underLoad'>;
  /** Milliseconds of a clock that never goes back. */
  readonly monotonic: () => number;
  /** Milliseconds that the thread had nothing to do, since it began; the event loop's when absent. */
  readonly idle?: () => number;
  /** Called when messages that had to wait were served. */
  readonly served: () => void;
}

/**
 * Serves handshake messages, which anybody can send and which cost a hundred times as much as packets, in a thread that
 * does everything else too: at once while there is time, then in the time that the thread would sleep and a twentieth of
 * the time that it works.
 */
export class InlineDesk {
  readonly queue = new HandshakeQueue<QueuedPath & { readonly path: UdpPath }>();
  readonly #share = new TimeShare();
  readonly #proven = new Set<string>();
  readonly #idle: () => number;
  #seen: number;
  #seenIdle: number;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(readonly ports: InlineDeskPorts) {
    this.#idle = ports.idle ?? (() => performance.eventLoopUtilization().idle);
    this.#seen = ports.monotonic();
    this.#seenIdle = this.#idle();
  }

  /** An authenticated packet came from there: its handshakes go before those of strangers. */
  prove(path: UdpPath | undefined): void {
    if (!path || this.#proven.has(path.key)) return;
    if (this.#proven.size >= MOST_PROVEN) this.#proven.clear();
    this.#proven.add(path.key);
  }

  /** Serves it and what waits, or keeps it for later, or loses it when too many wait. */
  receive(path: UdpPath, message: Uint8Array): void {
    const waiting = { key: path.key, source: path.source, proven: this.#proven.has(path.key), path };
    this.queue.push(waiting, message, 0, message.length);
    this.#serve();
  }

  /** For good. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  #serve(): void {
    const { engine, monotonic } = this.ports;
    let at = monotonic();
    this.#account(at);
    if (this.queue.isLong) engine.underLoad(at);
    while (this.#share.isLeft) {
      const next = this.queue.shift();
      if (!next) break;
      engine.receive(at, next.path.path, next.message);
      const after = monotonic();
      this.#share.spent(after - at);
      at = after;
    }
    this.#seen = at;
    if (this.queue.length > 0 && !this.#closed) this.#timer ??= setTimeout(() => this.#serveLater(), 1);
  }

  #serveLater(): void {
    this.#timer = undefined;
    this.#serve();
    this.ports.served();
  }

  /** What passed since it was last here, but for the time that went into handshakes. */
  #account(now: number): void {
    const idle = this.#idle();
    const slept = Math.max(0, idle - this.#seenIdle);
    this.#share.slept(slept);
    this.#share.moved(Math.max(0, now - this.#seen - slept));
    this.#seenIdle = idle;
  }
}
