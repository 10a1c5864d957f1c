import { libc } from '#host';
import type { Arena } from '../memory/arena.js';
import { AF_UNIX, SOCK_CLOEXEC, SOCK_SEQPACKET, VNET } from './abi.js';

const LONGEST = VNET.size + 65_535;
const PLAIN = new Uint8Array(VNET.size);

/** Two descriptors: what is written to one is read from the other, packet by packet. */
export interface PipeEnds {
  /** In the place of a TUN interface. */
  readonly tun: number;
  /** In the place of the kernel behind it. */
  readonly host: number;
}

/** @returns undefined where the system has no more descriptors */
export function openPipe(): PipeEnds | undefined {
  const memory = new libc.SystemMemory(4096);
  const type = SOCK_SEQPACKET | SOCK_CLOEXEC | libc.O_NONBLOCK;
  if (libc.socketpair(AF_UNIX, type, 0, memory.address) !== 0) return undefined;
  return { tun: memory.view.getInt32(0, true), host: memory.view.getInt32(4, true) };
}

export function closePipe({ tun, host }: PipeEnds): void {
  for (const fd of [tun, host]) libc.close(fd);
}

/** A host without a kernel: its packets go to and come from the other end of a pipe, as from a TUN interface. */
export class HostPipe {
  readonly #place: number;

  constructor(
    readonly arena: Arena,
    readonly ends: PipeEnds,
  ) {
    this.#place = arena.take(LONGEST);
  }

  /** @param header of virtio_net, that says what is still to be done with the packet */
  write(packet: Uint8Array, header: Uint8Array = PLAIN): void {
    this.arena.bytes.set(header, this.#place);
    this.arena.bytes.set(packet, this.#place + VNET.size);
    libc.write(this.ends.host, this.arena.address + this.#place, VNET.size + packet.length);
  }

  /** What has come, with its header; good until the next call. @returns undefined when there is nothing more */
  read(): Uint8Array | undefined {
    const length = libc.read(this.ends.host, this.arena.address + this.#place, LONGEST);
    return length > 0 ? this.arena.bytes.subarray(this.#place, this.#place + length) : undefined;
  }
}
