import { getSystemErrorMap } from 'node:util';
import koffi from 'koffi';

// Addresses are plain numbers: user space ends below 2^47, and a number costs nothing to pass.
const ADDRESS = 'size_t';
const libc = koffi.load(null);

export const open: (path: string, flags: number) => number = libc.func('open', 'int', ['str', 'int']);
export const close: (fd: number) => number = libc.func('close', 'int', ['int']);
export const ioctl: (fd: number, request: number, argument: number) => number = libc.func('ioctl', 'int', [
  'int',
  'ulong',
  ADDRESS,
]);
export const write: (fd: number, from: number, length: number) => number = libc.func('write', 'long', [
  'int',
  ADDRESS,
  'size_t',
]);
export const eventfd: (initial: number, flags: number) => number = libc.func('eventfd', 'int', ['uint', 'int']);
export const setsockopt: (fd: number, level: number, option: number, value: number, length: number) => number =
  libc.func('setsockopt', 'int', ['int', 'int', 'int', ADDRESS, 'uint']);

// asm-generic/fcntl.h; the same numbers on x86-64 and arm64, and for eventfd.
export const O_RDWR = 0o2;
export const O_NONBLOCK = 0o4000;
export const O_CLOEXEC = 0o2000000;

/** The name of what the last call on this thread failed with: `EPERM`. */
export function lastError(): string {
  const number = koffi.errno();
  return getSystemErrorMap().get(-number)?.[0] ?? `errno ${number}`;
}

/** Memory that system calls may use: it stays where it is for as long as this object lives. */
export class SystemMemory {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** Of the first byte. */
  readonly address: number;

  constructor(length: number) {
    // Only the memory of a whole ArrayBuffer never moves; small typed arrays and pooled Buffers may.
    const memory = new ArrayBuffer(length);
    this.bytes = new Uint8Array(memory);
    this.view = new DataView(memory);
    this.address = Number(koffi.address(this.bytes));
  }
}
