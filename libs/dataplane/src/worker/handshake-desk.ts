import type { Engine } from '#wireguard';
import type { SocketPath } from '../io/socket-address.js';
import { HandshakeQueue } from './handshake-queue.js';
import { Refusals } from './refusals.js';
import { TimeShare } from './time-share.js';

/** Serves handshake messages, which cost a hundred times as much as packets, in their share of a loop's time. */
export class HandshakeDesk {
  /** Of strangers, since that was looked at last. */
  readonly refusals = new Refusals<SocketPath>();
  readonly queue = new HandshakeQueue<SocketPath>(this.refusals);
  readonly #share = new TimeShare();
  #servedAt = 0;

  constructor(readonly engine: Engine<SocketPath>) {}

  /** Milliseconds after which messages that wait may be served; Infinity when there are none. */
  get patience(): number {
    if (this.queue.length === 0) return Number.POSITIVE_INFINITY;
    return this.#share.isLeft ? 0 : 1;
  }

  /** The loop has slept until now, ms. */
  woke(now: number): void {
    if (this.queue.length > 0) this.#share.slept(now - this.#servedAt);
  }

  /**
   * To be called once packets have been moved.
   * @param since when that was begun, ms
   * @param now the time at each call, ms
   */
  serve(since: number, now: () => number): void {
    if (this.queue.length === 0) return;
    let at = now();
    if (this.queue.isLong) this.engine.underLoad(at);
    this.#share.moved(at - since);
    while (this.#share.isLeft) {
      const next = this.queue.shift();
      if (!next) return;
      this.engine.receive(at, next.path, next.message);
      const after = now();
      this.#share.spent(after - at);
      at = after;
    }
    this.#servedAt = at;
  }
}
