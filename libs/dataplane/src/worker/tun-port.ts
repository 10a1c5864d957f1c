import { libc, TUN_OFFLOAD } from '#host';
import { VNET } from '../io/abi.js';
import type { Arena } from '../memory/arena.js';
import { Joiner } from '../segments/joiner.js';
import { Splitter } from '../segments/splitter.js';

const LARGEST_READ = VNET.size + 65_535;
const has = (offloads: number, bits: number): boolean => (offloads & bits) === bits;

/** The interface: packets are read in bulk, and written joined. */
export class TunPort {
  readonly splitter: Splitter;
  readonly joiner: Joiner;
  /** Packets that the kernel did not take, such as while the interface is down. */
  refused = 0;
  /** Packets that the kernel was given. */
  written = 0;
  /** Where the header of a packet may be read to that is still to be split. */
  readonly apart: number;

  constructor(
    readonly arena: Arena,
    readonly fd: number,
    readonly offloads: number,
  ) {
    // So that the packet behind the header begins at a multiple of 16.
    this.apart = arena.take(LARGEST_READ + 128) + 6;
    this.splitter = new Splitter(arena);
    this.joiner = new Joiner(arena, joiningOf(offloads), (offset, length) => this.#write(offset, length));
  }

  /**
   * @param header where the `virtio_net_hdr` is to lie, and the packet behind it
   * @returns the length of the packet; 0 when there is none; -1 when the interface is lost
   */
  read(header: number): number {
    const length = libc.read(this.fd, this.arena.address + header, LARGEST_READ);
    if (length >= 0) return length - VNET.size;
    const error = libc.errno();
    return error === libc.EAGAIN || error === libc.EINTR ? 0 : -1;
  }

  /** Of how many packets that may be sent the one behind this header consists. */
  split(header: number, length: number): number {
    return this.splitter.take(header, length + VNET.size);
  }

  #write(offset: number, length: number): void {
    this.written++;
    if (libc.write(this.fd, this.arena.address + offset, length) < 0) this.refused++;
  }
}

export const joiningOf = (offloads: number) => ({
  tcp: has(offloads, TUN_OFFLOAD.checksum | TUN_OFFLOAD.tcp4 | TUN_OFFLOAD.tcp6),
  udp: has(offloads, TUN_OFFLOAD.checksum | TUN_OFFLOAD.udp4 | TUN_OFFLOAD.udp6),
});
