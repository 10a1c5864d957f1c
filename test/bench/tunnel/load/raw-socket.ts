import koffi from 'koffi';
import { libc } from '#host';
import { parseAddress } from '#net';

// sys/socket.h and netinet/in.h of Linux.
const AF_INET = 2;
const SOCK_DGRAM = 2;
const SOL_SOCKET = 1;
const SO_RCVBUF = 8;
const SO_SNDBUFFORCE = 32;
const NAME_LENGTH = 16;
const SOL_UDP = 17;
const UDP_SEGMENT = 103;
const BUFFER = 1 << 20;

const connect: (fd: number, name: number, length: number) => number = koffi
  .load(null)
  .func('connect', 'int', ['int', 'size_t', 'uint']);
const names = new libc.SystemMemory(4096);

export interface Place {
  readonly address: string;
  readonly port: number;
}

/** A UDP socket between two places that never blocks, without an event loop: for more datagrams than that can send. */
export class RawSocket {
  readonly #fd: number;

  constructor(from: string, to: Place) {
    this.#fd = libc.socket(AF_INET, SOCK_DGRAM | libc.O_NONBLOCK | libc.O_CLOEXEC, 0);
    names.view.setUint32(0, BUFFER, true);
    libc.setsockopt(this.#fd, SOL_SOCKET, SO_SNDBUFFORCE, names.address, 4);
    const bound = libc.bind(this.#fd, nameOf({ address: from, port: 0 }), NAME_LENGTH) === 0;
    if (!bound || connect(this.#fd, nameOf(to), NAME_LENGTH) !== 0) {
      throw new Error(`no socket from ${from} to ${to.address}: ${libc.lastError()}`);
    }
  }

  /** What is sent from now on leaves as datagrams of `size` bytes each, which the system cuts as late as it can (udp(7)). */
  segment(size: number): void {
    names.view.setUint32(0, size, true);
    libc.setsockopt(this.#fd, SOL_UDP, UDP_SEGMENT, names.address, 4);
  }

  /** Whatever comes from now on is dropped at once: it costs the same whether few sockets get it or many. */
  deafen(): void {
    names.view.setUint32(0, 0, true);
    libc.setsockopt(this.#fd, SOL_SOCKET, SO_RCVBUF, names.address, 4);
  }

  /** Sends `length` bytes of memory. @returns whether the system took them */
  write(memory: number, length: number): boolean {
    return libc.write(this.#fd, memory, length) === length;
  }

  /** Reads one datagram into memory. @returns its length, or 0 when there is none */
  read(memory: number, room: number): number {
    return Math.max(0, libc.read(this.#fd, memory, room));
  }
}

function nameOf({ address, port }: Place): number {
  names.view.setUint16(0, AF_INET, true);
  names.view.setUint16(2, port);
  names.bytes.set(parseAddress(address), 4);
  return names.address;
}
