import koffi from 'koffi';
import { type ByteWork, byteWorkOn } from './byte-work.js';
import { dropAlias, lowAliasOf } from './low-alias.js';
import { webAssembly } from './web-assembly.js';

const PAGE = 65_536;
const TWO_32 = 0x1_0000_0000;

/**
 * Memory that never moves and never grows, for system calls, ciphers and packets alike: places in it are offsets in
 * `bytes`, and `address` makes them what C calls pointers.
 */
export class Arena {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** Of the first byte. */
  readonly address: number;
  readonly work: ByteWork;
  readonly #own: number;
  #used = 64;

  /** @param size bytes; rounded up to whole pages of 64 KiB. Pages that are not written take no memory */
  constructor(size: number) {
    const pages = Math.ceil(size / PAGE);
    const memory = new webAssembly.Memory({ initial: pages, maximum: pages });
    this.bytes = new Uint8Array(memory.buffer);
    this.view = new DataView(memory.buffer);
    this.#own = Number(koffi.address(this.bytes));
    this.address = lowAliasOf(this.#own, PAGE * pages);
    this.work = byteWorkOn(memory, pages);
  }

  /** `address`, where that is a second one that the system gave, and must be given back (`dropAlias`). */
  get alias(): number | undefined {
    return this.address === this.#own ? undefined : this.address;
  }

  /** Nothing outside may be given a place in it any more: what was taken of the system for that is given back. */
  close(): void {
    if (this.alias !== undefined) dropAlias(this.alias, this.bytes.length);
  }

  /** A place for `length` bytes, zeroed, that begins at a multiple of 64. */
  take(length: number): number {
    const place = (this.#used + 63) & ~63;
    this.#used = place + length;
    if (this.#used > this.bytes.length) throw new RangeError('the arena is too small for what is placed in it');
    return place;
  }

  /** Writes the pointer to `target` at `place`. */
  writePointer(place: number, target: number): void {
    const pointer = this.address + target;
    const low = pointer >>> 0;
    this.view.setUint32(place, low, true);
    this.view.setUint32(place + 4, (pointer - low) / TWO_32, true);
  }
}
