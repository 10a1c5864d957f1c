const CHUNK = 16_384;

/**
 * The bytes of a window of a stream, by their offset in it. They live in chunks that come with what is written and go
 * with what is released, so that a connection costs what it holds and not what it might.
 */
export class StreamBytes {
  /** By number: chunk 0 holds the offsets from 0 on. */
  readonly #chunks = new Map<number, Uint8Array>();
  #lowest = 0;
  #spare: Uint8Array | undefined;

  /** Bytes of memory in use. */
  get memory(): number {
    return (this.#chunks.size + (this.#spare ? 1 : 0)) * CHUNK;
  }

  write(offset: number, bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length; ) {
      const number = Math.floor((offset + done) / CHUNK);
      const at = offset + done - number * CHUNK;
      const length = Math.min(bytes.length - done, CHUNK - at);
      this.#chunk(number).set(length === bytes.length ? bytes : bytes.subarray(done, done + length), at);
      done += length;
    }
  }

  /** Copies `length` bytes that were written from `offset` on to the place `at` of another buffer. */
  copy(offset: number, length: number, into: Uint8Array, at: number): void {
    for (let done = 0; done < length; ) {
      const number = Math.floor((offset + done) / CHUNK);
      const from = offset + done - number * CHUNK;
      const part = Math.min(length - done, CHUNK - from);
      into.set(this.#chunk(number).subarray(from, from + part), at + done);
      done += part;
    }
  }

  /** Nothing below is needed any more. */
  release(offset: number): void {
    const end = Math.floor(offset / CHUNK);
    for (; this.#lowest < end && this.#chunks.size > 0; this.#lowest++) {
      const chunk = this.#chunks.get(this.#lowest);
      if (chunk) this.#spare ??= chunk;
      this.#chunks.delete(this.#lowest);
    }
    this.#lowest = Math.max(this.#lowest, end);
  }

  /** Gives the memory back. */
  clear(): void {
    this.#chunks.clear();
    this.#spare = undefined;
  }

  #chunk(number: number): Uint8Array {
    const known = this.#chunks.get(number);
    if (known) return known;
    const chunk = this.#spare ?? new Uint8Array(CHUNK);
    this.#spare = undefined;
    this.#chunks.set(number, chunk);
    return chunk;
  }
}
