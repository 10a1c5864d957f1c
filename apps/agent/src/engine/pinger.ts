import { equalBytes, type Random } from '#kernel';
import type { Address } from '#net';
import { type Echo, echoRequest, parseEchoReply } from './echo-packet.js';
import type { Tunnel } from './tunnel.js';

interface Waiting {
  readonly destination: Address;
  readonly sentAt: number;
  readonly done: (rtt: number | undefined) => void;
}

/** What became of one echo request. */
export interface PingOutcome {
  /** The id of the peer that it went to; undefined when no peer has the address. */
  readonly via: string | undefined;
  /** Milliseconds; undefined when no answer came in time. */
  readonly rtt: number | undefined;
}

/** Sends ICMP echo requests through the tunnel, and keeps the answers from the host, which did not ask. */
export class Pinger {
  readonly #identifier: number;
  readonly #waiting = new Map<number, Waiting>();
  #sequence = 0;

  constructor(
    readonly tunnel: Tunnel,
    random: Random,
  ) {
    this.#identifier = new DataView(random.bytes(2).slice().buffer).getUint16(0);
    tunnel.onEchoReply(this.#identifier, (packet) => this.#take(packet));
  }

  /** @param timeout milliseconds */
  async ping(source: Address, destination: Address, timeout: number): Promise<PingOutcome> {
    const sequence = this.#sequence++ & 0xffff;
    const { promise, resolve: done } = Promise.withResolvers<number | undefined>();
    const timer = setTimeout(done, timeout, undefined);
    this.#waiting.set(sequence, { destination, sentAt: this.tunnel.now, done });
    try {
      const via = this.tunnel.send(echoRequest({ source, destination, identifier: this.#identifier, sequence }));
      this.tunnel.settle();
      return { via, rtt: via === undefined ? undefined : await promise };
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(sequence);
    }
  }

  /** Gives up on all that has not been answered yet. */
  close(): void {
    for (const { done } of this.#waiting.values()) done(undefined);
  }

  #take(packet: Uint8Array): void {
    const echo: Echo | undefined = parseEchoReply(packet);
    const waiting = echo && this.#waiting.get(echo.sequence);
    if (waiting && equalBytes(waiting.destination, echo.source)) waiting.done(this.tunnel.now - waiting.sentAt);
  }
}
