import { libc } from '#host';
import { SO_ATTACH_FILTER, SO_DETACH_FILTER, SOCK_FPROG, SOL_SOCKET } from './abi.js';

/** Lets a classic BPF program (`struct sock_filter[]`) decide which datagrams reach a socket. @returns whether the kernel takes it */
export function attachFilter(fd: number, program: Uint8Array): boolean {
  const memory = new libc.SystemMemory(4096 * Math.ceil((program.length + SOCK_FPROG.size) / 4096));
  memory.view.setUint16(0, program.length / SOCK_FPROG.instruction, true);
  memory.view.setBigUint64(SOCK_FPROG.instructions, BigInt(memory.address + SOCK_FPROG.size), true);
  memory.bytes.set(program, SOCK_FPROG.size);
  return libc.setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, memory.address, SOCK_FPROG.size) === 0;
}

/** Lets all datagrams through again. */
export function detachFilter(fd: number): void {
  const memory = new libc.SystemMemory(4096);
  libc.setsockopt(fd, SOL_SOCKET, SO_DETACH_FILTER, memory.address, 4);
}
