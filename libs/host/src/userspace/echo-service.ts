import { type Address, compareAddresses } from '#net';
import type { SendPacket } from './attachment.js';
import { decodeEcho, encodeEcho } from './icmp.js';
import type { IpPacket } from './ip-packet.js';

/** The round trip in milliseconds, or undefined when no answer came in time. */
export type PingOutcome = (roundTrip: number | undefined) => void;

interface Waiting {
  readonly destination: Address;
  readonly sentAt: number;
  readonly deadline: number;
  readonly done: PingOutcome;
}

// What `ping` sends, so that paths which drop small or odd packets behave the same.
const DATA = Uint8Array.from({ length: 56 }, (_, i) => i);

/** Answers echo requests, and sends them. */
export class EchoService {
  readonly #waiting = new Map<number, Waiting>();
  #sequence = 0;

  /** @param id tells the requests of this host from those of others behind the same address */
  constructor(
    readonly send: SendPacket,
    readonly id: number,
  ) {}

  ping(now: number, ends: Pick<IpPacket, 'source' | 'destination'>, timeout: number, done: PingOutcome): void {
    this.#sequence = (this.#sequence + 1) & 0xffff;
    const sequence = this.#sequence;
    this.#waiting.get(sequence)?.done(undefined);
    this.#waiting.set(sequence, { destination: ends.destination, sentAt: now, deadline: now + timeout, done });
    this.send(encodeEcho(ends, { kind: 'request', id: this.id, sequence, data: DATA }));
  }

  receive(now: number, packet: IpPacket): void {
    const echo = decodeEcho(packet);
    if (echo?.kind === 'request') {
      const ends = { source: packet.destination, destination: packet.source };
      this.send(encodeEcho(ends, { ...echo, kind: 'reply' }));
      return;
    }
    const waiting = echo?.id === this.id ? this.#waiting.get(echo.sequence) : undefined;
    if (!echo || !waiting || compareAddresses(waiting.destination, packet.source) !== 0) return;
    this.#waiting.delete(echo.sequence);
    waiting.done(now - waiting.sentAt);
  }

  /** Gives up on what has not been answered in time. */
  advance(now: number): void {
    for (const [sequence, { deadline, done }] of this.#waiting) {
      if (deadline > now) continue;
      this.#waiting.delete(sequence);
      done(undefined);
    }
  }
}
