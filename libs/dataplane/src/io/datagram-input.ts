import { libc } from '#host';
import type { Arena } from '../memory/arena.js';
import { CMSGHDR, IOVEC, MMSGHDR, MSG_DONTWAIT, SOCKADDR, SOL_UDP, UDP_GRO } from './abi.js';
import { type SocketPath, SourcePaths } from './socket-address.js';

/** Slots are as large as what the kernel joins, up to 64 datagrams; without joining there are more slots. */
const SLOTS = { joined: 16, single: 64 } as const;
/** Of messages that are many datagrams each, a batch has fewer: after it others have their turn. */
const JOINED_BATCH = 4;
/** A multiple of 16, so that packets behind the 16-byte header of a message are aligned as sums and ciphers like it. */
const SLOT = 65_536 + 64;
const CONTROL = 64;

/** `buffer[offset, offset + length)` came over this path. It may be overwritten. */
export type TakeDatagram = (path: SocketPath, offset: number, length: number) => void;

/** Messages lie at these offsets, and will be taken in this order. */
export type ExpectDatagrams = (offsets: Int32Array, count: number) => void;

/** Datagrams on their way in, many with each call, and several in each message where the kernel joins them (UDP_GRO). */
export class DatagramInput {
  readonly sources = new SourcePaths();
  readonly #slots: number;
  readonly #count: number;
  readonly #messages: number;
  readonly #controls: number;
  readonly #names: number;
  readonly #offsets: Int32Array;
  readonly #paths: SocketPath[] = [];
  /** Messages that the kernel has written to since they were prepared. */
  #used: number;
  /** How many messages the next batch has at most. */
  #batch: number;

  constructor(
    readonly arena: Arena,
    joined: boolean,
  ) {
    this.#count = joined ? SLOTS.joined : SLOTS.single;
    this.#used = this.#count;
    this.#batch = this.#count;
    this.#slots = arena.take(SLOT * this.#count);
    this.#messages = arena.take(MMSGHDR.size * this.#count);
    this.#controls = arena.take(CONTROL * this.#count);
    this.#names = arena.take(SOCKADDR.room * this.#count);
    this.#offsets = Int32Array.from({ length: this.#count }, (_, i) => this.#slots + SLOT * i);
    const vectors = arena.take(IOVEC.size * this.#count);
    for (let i = 0; i < this.#count; i++) this.#prepare(i, vectors + IOVEC.size * i);
  }

  /** Takes what there is, up to one batch. @returns how many datagrams that was */
  receive(fd: number, take: TakeDatagram, expect?: ExpectDatagrams): number {
    const { view, address } = this.arena;
    for (let i = 0; i < this.#used; i++) {
      const message = this.#messages + MMSGHDR.size * i;
      view.setUint32(message + MMSGHDR.nameLength, SOCKADDR.room, true);
      view.setUint32(message + MMSGHDR.controlLength, CONTROL, true);
    }
    const received = libc.recvmmsg(fd, address + this.#messages, this.#batch, MSG_DONTWAIT, 0);
    this.#used = Math.max(0, received);
    for (let i = 0; i < received; i++) this.#paths[i] = this.sources.at(this.arena, this.#names + SOCKADDR.room * i);
    if (received > 1) expect?.(this.#offsets, received);
    let count = 0;
    let joined = false;
    for (let i = 0; i < received; i++) {
      const total = view.getUint32(this.#messages + MMSGHDR.size * i + MMSGHDR.length, true);
      const segment = this.#segmentOf(i) || total;
      joined ||= segment < total;
      const path = this.#paths[i] as SocketPath;
      const start = this.#slots + SLOT * i;
      for (let at = 0; at < total; at += segment) {
        take(path, start + at, Math.min(segment, total - at));
        count++;
      }
    }
    if (received > 0) this.#batch = joined ? JOINED_BATCH : this.#count;
    return count;
  }

  /** The length of each datagram in a message of several but the last; 0 for a message that is one. */
  #segmentOf(index: number): number {
    const { view } = this.arena;
    const control = this.#controls + CONTROL * index;
    const length = view.getUint32(this.#messages + MMSGHDR.size * index + MMSGHDR.controlLength, true);
    if (length < CMSGHDR.data + 4) return 0;
    const isSize =
      view.getInt32(control + CMSGHDR.level, true) === SOL_UDP &&
      view.getInt32(control + CMSGHDR.type, true) === UDP_GRO;
    return isSize ? view.getInt32(control + CMSGHDR.data, true) : 0;
  }

  #prepare(index: number, vector: number): void {
    const { arena } = this;
    const message = this.#messages + MMSGHDR.size * index;
    arena.writePointer(vector + IOVEC.base, this.#slots + SLOT * index);
    arena.view.setUint32(vector + IOVEC.length, 65_536, true);
    arena.writePointer(message + MMSGHDR.name, this.#names + SOCKADDR.room * index);
    arena.writePointer(message + MMSGHDR.vector, vector);
    arena.view.setUint32(message + MMSGHDR.vectorLength, 1, true);
    arena.writePointer(message + MMSGHDR.control, this.#controls + CONTROL * index);
  }
}
