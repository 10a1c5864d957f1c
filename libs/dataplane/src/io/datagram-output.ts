import { libc } from '#host';
import type { Arena } from '../memory/arena.js';
import {
  AF_INET,
  CMSGHDR,
  IOVEC,
  MMSGHDR,
  MOST_PAYLOAD,
  MOST_SEGMENTS,
  SOCKADDR,
  SOL_UDP,
  UDP_SEGMENT,
} from './abi.js';
import type { SocketPath } from './socket-address.js';

/** Messages that one call sends; each may be many datagrams. */
const MESSAGES = 64;
const AREA = 1 << 19;
/** The largest datagram that may be built. */
const LARGEST = 65_536 + 64;
const CONTROL = 24;
const CONTROL_LENGTH = CMSGHDR.data + 2;

/**
 * What the kernel says of a message that it cannot split. EIO: this device sums no checksums. EINVAL, and EMSGSIZE since
 * Linux 6.14: a segment is larger than the way to the peer takes at once.
 */
const TOO_MUCH: ReadonlySet<string> = new Set(['EIO', 'EINVAL', 'EMSGSIZE']);

interface Descriptors {
  readonly v4: number;
  readonly v6: number;
}

/**
 * Datagrams on their way out: each is built in place, behind the one before, so that a run of equal ones to the same
 * address is one message that the kernel splits (UDP_SEGMENT), and one call sends all messages.
 */
export class DatagramOutput {
  /** Whether the kernel splits messages; false after it refused to. */
  splits = true;
  /** Datagrams that the kernel did not take. */
  refused = 0;
  readonly #area: number;
  readonly #messages: number;
  readonly #vectors: number;
  readonly #controls: number;
  readonly #names: number;
  #next: number;
  #count = 0;
  #v4 = true;
  // The run that may still grow.
  #path: SocketPath | undefined;
  #start = 0;
  #length = 0;
  #segment = 0;
  #segments = 0;
  #closed = true;

  /** @param relay takes what is for a path that is not a socket's; the bytes are good until it returns */
  constructor(
    readonly arena: Arena,
    readonly sockets: Descriptors,
    readonly relay: (path: SocketPath, datagram: Uint8Array) => void = () => {},
  ) {
    this.#area = arena.take(AREA + LARGEST);
    this.#next = this.#area;
    this.#messages = arena.take(MMSGHDR.size * MESSAGES);
    this.#vectors = arena.take(IOVEC.size * MESSAGES);
    this.#controls = arena.take(CONTROL * MESSAGES);
    this.#names = arena.take(SOCKADDR.room * MESSAGES);
    for (let i = 0; i < MESSAGES; i++) this.#prepare(i);
  }

  /** Where the next datagram is to be built, with room for the largest one. */
  get place(): number {
    return this.#next;
  }

  /** The datagram at `place` goes to `path`. */
  push(path: SocketPath, length: number): void {
    if (path.relay !== undefined) {
      this.relay(path, this.arena.bytes.subarray(this.#next, this.#next + length));
      return;
    }
    const fits =
      !this.#closed &&
      this.#path === path &&
      this.splits &&
      length <= this.#segment &&
      this.#segments < MOST_SEGMENTS &&
      this.#length + length <= MOST_PAYLOAD;
    if (fits) this.#segments++;
    else this.#begin(path, length);
    this.#length += length;
    if (length < this.#segment) this.#closed = true; // only the last one may be shorter
    this.#next += length;
    if (this.#next > this.#area + AREA) this.flush();
  }

  /** A datagram from elsewhere, which is copied. */
  copy(path: SocketPath, datagram: Uint8Array): void {
    if (datagram.length > MOST_PAYLOAD) return;
    this.arena.bytes.set(datagram, this.#next);
    this.push(path, datagram.length);
  }

  /** Sends all that was pushed. */
  flush(): void {
    this.#end();
    const fd = this.#v4 ? this.sockets.v4 : this.sockets.v6;
    let sent = 0;
    while (sent < this.#count) {
      const result = libc.sendmmsg(
        fd,
        this.arena.address + this.#messages + MMSGHDR.size * sent,
        this.#count - sent,
        0,
      );
      if (result > 0) sent += result;
      else this.#giveUp(fd, sent++);
    }
    this.#count = 0;
    this.#next = this.#area;
  }

  #begin(path: SocketPath, length: number): void {
    const v4 = path.name[0] === AF_INET;
    if (v4 !== this.#v4 || this.#count + 1 >= MESSAGES) {
      const at = this.#next;
      this.flush();
      // What was just built stays in use.
      this.arena.work.copy(this.#next, at, length);
    } else this.#end();
    this.#v4 = v4;
    this.#path = path;
    this.#start = this.#next;
    this.#length = 0;
    this.#segment = length;
    this.#segments = 1;
    this.#closed = false;
  }

  /** Makes the run a message. */
  #end(): void {
    if (!this.#path) return;
    const { view, bytes } = this.arena;
    const message = this.#messages + MMSGHDR.size * this.#count;
    const vector = this.#vectors + IOVEC.size * this.#count;
    bytes.set(this.#path.name, this.#names + SOCKADDR.room * this.#count);
    view.setUint32(message + MMSGHDR.nameLength, this.#path.name.length, true);
    this.arena.writePointer(vector + IOVEC.base, this.#start);
    view.setUint32(vector + IOVEC.length, this.#length, true);
    view.setUint16(this.#controls + CONTROL * this.#count + CMSGHDR.data, this.#segment, true);
    view.setUint32(message + MMSGHDR.controlLength, this.#segments > 1 ? CONTROL : 0, true);
    this.#count++;
    this.#path = undefined;
    this.#closed = true;
  }

  /** A message that is not sent is lost, as datagrams may be; but one that is only too much to split is sent in pieces. */
  #giveUp(fd: number, index: number): void {
    const { view, address } = this.arena;
    const message = this.#messages + MMSGHDR.size * index;
    const error = libc.lastError();
    const split = view.getUint32(message + MMSGHDR.controlLength, true) > 0;
    if (!split || !TOO_MUCH.has(error)) {
      this.refused++;
      return;
    }
    if (error === 'EIO') this.splits = false;
    const vector = this.#vectors + IOVEC.size * index;
    const segment = view.getUint16(this.#controls + CONTROL * index + CMSGHDR.data, true);
    const total = view.getUint32(vector + IOVEC.length, true);
    const start = this.#startOf(vector);
    view.setUint32(message + MMSGHDR.controlLength, 0, true);
    for (let at = 0; at < total; at += segment) {
      this.arena.writePointer(vector + IOVEC.base, start + at);
      view.setUint32(vector + IOVEC.length, Math.min(segment, total - at), true);
      if (libc.sendmmsg(fd, address + message, 1, 0) !== 1) this.refused++;
    }
  }

  #startOf(vector: number): number {
    return Number(this.arena.view.getBigUint64(vector + IOVEC.base, true)) - this.arena.address;
  }

  #prepare(index: number): void {
    const { arena } = this;
    const message = this.#messages + MMSGHDR.size * index;
    const control = this.#controls + CONTROL * index;
    arena.writePointer(message + MMSGHDR.name, this.#names + SOCKADDR.room * index);
    arena.writePointer(message + MMSGHDR.vector, this.#vectors + IOVEC.size * index);
    arena.view.setUint32(message + MMSGHDR.vectorLength, 1, true);
    arena.writePointer(message + MMSGHDR.control, control);
    arena.view.setUint32(control + CMSGHDR.length, CONTROL_LENGTH, true);
    arena.view.setInt32(control + CMSGHDR.level, SOL_UDP, true);
    arena.view.setInt32(control + CMSGHDR.type, UDP_SEGMENT, true);
  }
}
