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
export const read: (fd: number, into: number, length: number) => number = libc.func('read', 'long', [
  'int',
  ADDRESS,
  'size_t',
]);
export const poll: (fds: number, count: number, timeout: number) => number = libc.func('poll', 'int', [
  ADDRESS,
  'ulong',
  'int',
]);
export const eventfd: (initial: number, flags: number) => number = libc.func('eventfd', 'int', ['uint', 'int']);
export const clockGettime: (clock: number, into: number) => number = libc.func('clock_gettime', 'int', [
  'int',
  ADDRESS,
]);
export const setsockopt: (fd: number, level: number, option: number, value: number, length: number) => number =
  libc.func('setsockopt', 'int', ['int', 'int', 'int', ADDRESS, 'uint']);
export const socket: (family: number, type: number, protocol: number) => number = libc.func('socket', 'int', [
  'int',
  'int',
  'int',
]);
export const bind: (fd: number, name: number, length: number) => number = libc.func('bind', 'int', [
  'int',
  ADDRESS,
  'uint',
]);
export const socketpair: (family: number, type: number, protocol: number, into: number) => number = libc.func(
  'socketpair',
  'int',
  ['int', 'int', 'int', ADDRESS],
);
export const getsockname: (fd: number, name: number, length: number) => number = libc.func('getsockname', 'int', [
  'int',
  ADDRESS,
  ADDRESS,
]);
export const sendmmsg: (fd: number, messages: number, count: number, flags: number) => number = libc.func(
  'sendmmsg',
  'int',
  ['int', ADDRESS, 'uint', 'int'],
);
export const recvmmsg: (fd: number, messages: number, count: number, flags: number, timeout: number) => number =
  libc.func('recvmmsg', 'int', ['int', ADDRESS, 'uint', 'int', ADDRESS]);

// asm-generic/fcntl.h; the same numbers on x86-64 and arm64, and for eventfd.
export const O_RDWR = 0o2;
export const O_NONBLOCK = 0o4000;
export const O_CLOEXEC = 0o2000000;

/** errno.h */
export const EINTR = 4;
export const EAGAIN = 11;

/** What the last call on this thread failed with, as a number of errno.h. */
export const errno = (): number => koffi.errno();

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
