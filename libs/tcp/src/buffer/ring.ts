const LEAST = 16_384;

/**
 * Bytes of a stream by their offset in it, of which a window is kept. Its memory grows with what is written, by
 * doubling, so that a connection that carries little costs little.
 */
export class Ring {
  #bytes = new Uint8Array(0);
  #mask = 0;

  /** @param most the widest window in bytes; rounded up to a power of two */
  constructor(readonly most: number) {}

  /** Bytes of memory in use. */
  get memory(): number {
    return this.#bytes.length;
  }

  /** Writes at `offset`. The window that is to be kept starts at `start` and must not become wider than `most`. */
  write(start: number, offset: number, bytes: Uint8Array): void {
    this.#reserve(start, offset + bytes.length - start);
    const at = this.#place(offset);
    const first = Math.min(bytes.length, this.#bytes.length - at);
    if (first === bytes.length) this.#bytes.set(bytes, at);
    else {
      this.#bytes.set(bytes.subarray(0, first), at);
      this.#bytes.set(bytes.subarray(first), 0);
    }
  }

  /** Copies `length` bytes of the stream from `offset` on to the place `at` of another buffer. */
  copy(offset: number, length: number, into: Uint8Array, at: number): void {
    if (length === 0) return;
    const from = this.#place(offset);
    const first = Math.min(length, this.#bytes.length - from);
    into.set(this.#bytes.subarray(from, from + first), at);
    if (first < length) into.set(this.#bytes.subarray(0, length - first), at + first);
  }

  /** Gives the memory back; nothing is kept. */
  clear(): void {
    this.#bytes = new Uint8Array(0);
    this.#mask = 0;
  }

  // Offsets outgrow 32 bits, but their lower bits do not change when they are cut to them.
  #place(offset: number): number {
    return (offset | 0) & this.#mask;
  }

  #reserve(start: number, width: number): void {
    const old = this.#bytes.length;
    if (width <= old) return;
    let size = Math.max(LEAST, old);
    while (size < width) size *= 2;
    const grown = new Ring(this.most);
    grown.#bytes = new Uint8Array(size);
    grown.#mask = size - 1;
    if (old > 0) {
      const at = this.#place(start);
      grown.write(start, start, this.#bytes.subarray(at));
      grown.write(start, start + old - at, this.#bytes.subarray(0, at));
    }
    this.#bytes = grown.#bytes;
    this.#mask = grown.#mask;
  }
}
