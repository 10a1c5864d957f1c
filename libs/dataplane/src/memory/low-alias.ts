import koffi from 'koffi';
import { libc } from '#host';

/** sys/mman.h, asm-generic: the same for x86-64 and arm64. */
const PROT_READ_WRITE = 3;
const MAP_SHARED = 1;
const MAP_FIXED = 0x10;
const MAP_FIXED_NOREPLACE = 0x10_0000;
const MFD_CLOEXEC = 1;
/** Where to look for room: above the program and its heap, and below what takes more than 31 bits. */
const PLACES = { highest: 0x7000_0000, lowest: 0x2000_0000, step: 0x0100_0000 } as const;

const library = koffi.load(null);
const POINTER = 'size_t';
const memfdCreate: (name: string, flags: number) => number = library.func('memfd_create', 'int', ['str', 'uint']);
const ftruncate: (fd: number, size: number) => number = library.func('ftruncate', 'int', ['int', 'int64']);
const mmap: (place: number, size: number, protection: number, flags: number, fd: number, offset: number) => number =
  library.func('mmap', 'int64', [POINTER, POINTER, 'int', 'int', 'int', 'int64']);
const munmap: (place: number, size: number) => number = library.func('munmap', 'int', [POINTER, POINTER]);

/**
 * Makes zeroed memory be at a second address too, one of at most 31 bits: V8 makes an object of every greater number that
 * it hands to a function outside, and a packet's way has a dozen of those.
 * @param address of whole pages, which nothing was written to
 * @returns the other address, or this one where there is no other to be had
 */
export function lowAliasOf(address: number, size: number): number {
  const fd = memfdCreate('netfold-arena', MFD_CLOEXEC);
  if (fd < 0) return address;
  const low = ftruncate(fd, size) === 0 ? mapLow(fd, size) : undefined;
  const replaced = low !== undefined && mmap(address, size, PROT_READ_WRITE, MAP_SHARED | MAP_FIXED, fd, 0) === address;
  if (low !== undefined && !replaced) munmap(low, size);
  libc.close(fd);
  return low !== undefined && replaced ? low : address;
}

/** The memory stays what it is at its other address. */
export function dropAlias(low: number, size: number): void {
  munmap(low, size);
}

function mapLow(fd: number, size: number): number | undefined {
  for (let place = PLACES.highest; place >= PLACES.lowest; place -= PLACES.step) {
    const got = mmap(place, size, PROT_READ_WRITE, MAP_SHARED | MAP_FIXED_NOREPLACE, fd, 0);
    if (got === place) return place;
    if (got > 0) munmap(got, size); // Linux before 4.17 takes the place for a wish
  }
  return undefined;
}
