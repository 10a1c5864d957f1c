import type { Endpoint } from '#host';
import { formatAddress, parseAddress } from '#net';
import type { Arena } from '../memory/arena.js';
import { pathTo, type UdpPath } from '../udp-path.js';
import { AF_INET, AF_INET6, SOCKADDR } from './abi.js';

/** A path with its address as system calls take it. */
export interface SocketPath extends UdpPath {
  /** A whole `sockaddr_in` or `sockaddr_in6`. */
  readonly name: Uint8Array;
  /** Whether an authenticated message came from there. */
  proven: boolean;
}

/** @throws NetfoldError `net.bad_address` */
export function socketPathTo(endpoint: Endpoint): SocketPath {
  const address = parseAddress(endpoint.address);
  const v4 = address.length === 4;
  const name = new Uint8Array(v4 ? SOCKADDR.length4 : SOCKADDR.length6);
  const view = new DataView(name.buffer);
  view.setUint16(0, v4 ? AF_INET : AF_INET6, true);
  view.setUint16(SOCKADDR.port, endpoint.port);
  name.set(address, v4 ? SOCKADDR.address4 : SOCKADDR.address6);
  return { ...pathTo(endpoint), name, proven: false };
}

/** The path that a `sockaddr` in memory names. */
function readSocketPath(bytes: Uint8Array, place: number): SocketPath {
  const v4 = bytes[place] === AF_INET;
  const name = bytes.slice(place, place + (v4 ? SOCKADDR.length4 : SOCKADDR.length6));
  const start = v4 ? SOCKADDR.address4 : SOCKADDR.address6;
  const address = formatAddress(name.slice(start, start + (v4 ? 4 : 16)));
  const port = ((name[SOCKADDR.port] as number) << 8) | (name[SOCKADDR.port + 1] as number);
  return { ...pathTo({ address, port }), name, proven: false };
}

/** Beyond that many sources, such as in a flood with forged ones, those are forgotten that sent nothing authentic. */
const MOST_SOURCES = 4_096;

/** Where datagrams come from, as the same object as long as it is remembered. */
export class SourcePaths {
  /** By address and port as one number, or by the whole name. */
  readonly #known4 = new Map<number, SocketPath>();
  readonly #known6 = new Map<string, SocketPath>();
  #lastKey4 = 0;
  #last4: SocketPath | undefined;
  #last6: SocketPath | undefined;

  /** One path of each source of a family that authenticated messages came from; those that became known last first. */
  proven(family: 'v4' | 'v6'): SocketPath[] {
    const known = family === 'v4' ? this.#known4 : this.#known6;
    const bySource = new Map<string, SocketPath>();
    for (const path of [...known.values()].reverse()) if (path.proven) bySource.set(path.source, path);
    return [...bySource.values()];
  }

  /** @param place of the `sockaddr` that the kernel wrote */
  at({ bytes, view }: Pick<Arena, 'bytes' | 'view'>, place: number): SocketPath {
    if (bytes[place] === AF_INET) {
      const port = view.getUint16(place + SOCKADDR.port);
      return this.#of4(view.getUint32(place + SOCKADDR.address4) * 65_536 + port, bytes, place);
    }
    if (this.#last6 && sameName(this.#last6.name, bytes, place)) return this.#last6;
    const key = String.fromCharCode(...bytes.subarray(place, place + SOCKADDR.length6));
    this.#last6 = recall(this.#known6, key, bytes, place);
    return this.#last6;
  }

  #of4(key: number, bytes: Uint8Array, place: number): SocketPath {
    if (this.#last4 && key === this.#lastKey4) return this.#last4;
    this.#lastKey4 = key;
    this.#last4 = recall(this.#known4, key, bytes, place);
    return this.#last4;
  }
}

function recall<K>(known: Map<K, SocketPath>, key: K, bytes: Uint8Array, place: number): SocketPath {
  const before = known.get(key);
  if (before) return before;
  if (known.size >= MOST_SOURCES) makeRoom(known);
  const path = readSocketPath(bytes, place);
  known.set(key, path);
  return path;
}

function makeRoom<K>(known: Map<K, SocketPath>): void {
  for (const [key, { proven }] of known) if (!proven) known.delete(key);
  if (known.size > MOST_SOURCES / 2) known.clear();
}

function sameName(name: Uint8Array, bytes: Uint8Array, place: number): boolean {
  for (let i = 0; i < name.length; i++) if (name[i] !== bytes[place + i]) return false;
  return true;
}
