import { libc } from '#host';
import { NetfoldError } from '#kernel';
import type { Arena } from '../memory/arena.js';
import { AF_UNIX, SOCK_CLOEXEC, SOCK_SEQPACKET, VNET } from './abi.js';

const LONGEST = VNET.size + 65_535;

/** A host without a kernel: what is written at this end is read from `fd`, as from a TUN interface, and the other way round. */
export class HostPipe {
  readonly fd: number;
  readonly #own: number;
  readonly #place: number;

  /** @throws NetfoldError `host.no_pipe` */
  constructor(readonly arena: Arena) {
    this.#place = arena.take(LONGEST);
    const type = SOCK_SEQPACKET | SOCK_CLOEXEC | libc.O_NONBLOCK;
    if (libc.socketpair(AF_UNIX, type, 0, arena.address + this.#place) !== 0) {
      throw new NetfoldError({ code: 'host.no_pipe', message: `no pair of sockets: ${libc.lastError()}` });
    }
    this.fd = arena.view.getInt32(this.#place, true);
    this.#own = arena.view.getInt32(this.#place + 4, true);
  }

  /** @param header of virtio_net, that says what is still to be done with the packet */
  write(packet: Uint8Array, header: Uint8Array = PLAIN): void {
    this.arena.bytes.set(header, this.#place);
    this.arena.bytes.set(packet, this.#place + VNET.size);
    libc.write(this.#own, this.arena.address + this.#place, VNET.size + packet.length);
  }

  /** What has come, with its header; good until the next call. @returns undefined when there is nothing more */
  read(): Uint8Array | undefined {
    const length = libc.read(this.#own, this.arena.address + this.#place, LONGEST);
    return length > 0 ? this.arena.bytes.subarray(this.#place, this.#place + length) : undefined;
  }

  close(): void {
    for (const fd of [this.fd, this.#own]) libc.close(fd);
  }
}

const PLAIN = new Uint8Array(VNET.size);
