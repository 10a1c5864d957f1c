import type { Range } from '../buffer/range-set.js';
import { AckPolicy } from './ack-policy.js';
import { ReceiveBuffer } from './receive-buffer.js';

/** The receiving half of a connection. Offset 0 of the peer's stream is its SYN, 1 its first byte. */
export class Receiver {
  readonly acks = new AckPolicy();
  readonly #buffer: ReceiveBuffer;
  #finAt = Number.POSITIVE_INFINITY;
  /** The first offset that the peer was told not to send yet. */
  #edge: number;
  #shift = 0;
  #mss = 536;

  constructor(readonly capacity: number) {
    this.#buffer = new ReceiveBuffer(capacity);
    this.#edge = 1 + Math.min(capacity, 0xffff);
  }

  /** RCV.NXT: the first offset that has not arrived, the FIN included. */
  get next(): number {
    return this.ended ? this.#finAt + 1 : this.#buffer.next;
  }

  /** The peer's FIN arrived, and everything before it. */
  get ended(): boolean {
    return this.#buffer.next === this.#finAt;
  }

  get readable(): number {
    return this.#buffer.readable;
  }

  /** @param shift the scale of the windows that the peer is told from now on */
  open(shift: number, mss: number): void {
    this.#shift = shift;
    this.#mss = mss;
  }

  /** Whether a segment of the peer's lies in the window (RFC 9293, 3.10.7.4, first). `length` counts SYN and FIN. */
  accepts(offset: number, length: number): boolean {
    const next = this.next;
    if (length === 0) return offset === next || (offset > next && offset < this.#edge);
    return offset < this.#edge && offset + length > next && this.#edge > next;
  }

  /** Takes the data and the FIN of a segment that `accepts` agreed to. Answers whether there is something new to read. */
  take(now: number, offset: number, bytes: Uint8Array, fin: boolean): boolean {
    const before = this.next;
    const had = this.#buffer.hasHoles;
    const end = Math.min(offset + bytes.length, this.#edge, this.#finAt);
    const length = Math.max(0, end - offset);
    if (length > 0) this.#buffer.insert(offset, length === bytes.length ? bytes : bytes.subarray(0, length));
    if (fin && this.#finAt === Number.POSITIVE_INFINITY && offset + bytes.length === end) this.#finAt = end;
    if (this.next === before || had || this.#buffer.hasHoles || this.ended) this.acks.demand();
    else this.acks.onData(now, length, this.#mss);
    return this.next > before;
  }

  /** Moves what there is into the buffer; answers how many bytes. */
  read(into: Uint8Array): number {
    const length = this.#buffer.read(into);
    const open = this.#edge - this.next;
    // A closed or small window has kept the peer from sending; it must hear of the room (RFC 9293, 3.8.6.2.2).
    const worth = Math.max(2 * open, Math.min(this.#mss, this.capacity / 2));
    if (!this.ended && 2 * open <= this.capacity && this.#offer() >= worth) this.acks.demand();
    return length;
  }

  /** What a segment that leaves now tells the peer, as on the wire. Moves the edge: the peer may send up to it. */
  advertise(): number {
    const offer = this.#offer();
    const shown = Math.min(0xffff, Math.floor(offer / 2 ** this.#shift));
    this.#edge = Math.max(this.#edge, this.next + shown * 2 ** this.#shift);
    return shown;
  }

  /** The window of a SYN is never scaled (RFC 7323, 2.2). */
  advertiseUnscaled(): number {
    return Math.min(this.capacity, 0xffff);
  }

  sackBlocks(): readonly Range[] {
    return this.#buffer.sackBlocks();
  }

  clear(): void {
    this.#buffer.clear();
  }

  /** The window to offer: all the room, but no small steps (RFC 9293, 3.8.6.2.2), and never less than before. */
  #offer(): number {
    const open = Math.max(0, this.#edge - this.next);
    const room = this.#buffer.room;
    return room - open >= Math.min(this.capacity / 2, this.#mss) ? room : open;
  }
}
