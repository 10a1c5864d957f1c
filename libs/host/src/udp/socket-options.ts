import type { Socket } from 'node:dgram';
import { NetfoldError } from '#kernel';
import { lastError, SystemMemory, setsockopt } from '../system/libc.js';

// asm-generic/socket.h
const SOL_SOCKET = 1;
const SO_SNDBUFFORCE = 32;
const SO_RCVBUFFORCE = 33;
const SO_MARK = 36;

/** Gives a bound socket larger buffers than the system's limit allows, where this process may (root). */
export function forceBuffers(socket: Socket, bytes: number): void {
  for (const option of [SO_RCVBUFFORCE, SO_SNDBUFFORCE]) setOption(socket, option, bytes);
}

/** Marks every packet that a bound socket sends, for routing rules to tell. @throws NetfoldError `host.need_root`, `host.udp_failed` */
export function markSocket(socket: Socket, mark: number): void {
  const error = setOption(socket, SO_MARK, mark);
  if (error === undefined) return;
  if (error === 'EPERM') {
    const hint = 'run as root or with CAP_NET_ADMIN, or do without an exit node';
    throw new NetfoldError({ code: 'host.need_root', message: 'the UDP socket may not be marked', hint });
  }
  throw new NetfoldError({ code: 'host.udp_failed', message: `the UDP socket cannot be marked: ${error}` });
}

/** The name of the error, if it fails. */
function setOption(socket: Socket, option: number, value: number): string | undefined {
  const memory = new SystemMemory(4096);
  memory.view.setUint32(0, value, true);
  return setsockopt(descriptorOf(socket), SOL_SOCKET, option, memory.address, 4) === 0 ? undefined : lastError();
}

// Node has no public way to a socket's descriptor.
function descriptorOf(socket: Socket): number {
  const handle = Object.getOwnPropertySymbols(socket)
    .map((symbol) => Reflect.get(socket, symbol))
    .find((state) => typeof state?.handle?.fd === 'number')?.handle;
  return handle?.fd ?? -1;
}
