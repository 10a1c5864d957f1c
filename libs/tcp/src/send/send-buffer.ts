import { StreamBytes } from '../buffer/stream-bytes.js';

/** What was written and is not acknowledged yet, by its offset in the stream. */
export class SendBuffer {
  readonly #bytes = new StreamBytes();
  #start: number;
  #end: number;

  constructor(
    readonly capacity: number,
    start: number,
  ) {
    this.#start = start;
    this.#end = start;
  }

  /** The offset that the next byte gets. */
  get end(): number {
    return this.#end;
  }

  get room(): number {
    return this.capacity - (this.#end - this.#start);
  }

  /** Answers how many bytes there was room for. */
  write(bytes: Uint8Array): number {
    const taken = Math.min(bytes.length, this.room);
    this.#bytes.write(this.#end, taken === bytes.length ? bytes : bytes.subarray(0, taken));
    this.#end += taken;
    return taken;
  }

  copy(offset: number, length: number, into: Uint8Array, at: number): void {
    this.#bytes.copy(offset, length, into, at);
  }

  /** Forgets what is below. */
  release(offset: number): void {
    this.#start = Math.min(Math.max(this.#start, offset), this.#end);
    this.#bytes.release(this.#start);
  }

  clear(): void {
    this.#bytes.clear();
    this.#start = this.#end;
  }
}
