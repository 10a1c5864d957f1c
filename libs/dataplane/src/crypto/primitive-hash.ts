import type { Arena } from '../memory/arena.js';
import type { PrimitiveLibrary } from './primitive-library.js';

const HASH = 32;
const MAC = 16;
/** The most that is hashed at once here; handshakes hash less than a tenth of it. */
const MOST = 2_048;
/** More than the state and the parameters have. */
const STATE = 512;
const PARAMETERS = 64;

/** BLAKE2s in the arena's memory, of input that is not long. */
export class PrimitiveHash {
  readonly #state: number;
  /** A state that nothing was hashed with, for 32 bytes without a key. */
  readonly #fresh: number;
  readonly #parameters: number;
  readonly #key: number;
  readonly #input: number;
  readonly #output: number;

  constructor(
    readonly library: PrimitiveLibrary,
    readonly arena: Arena,
  ) {
    this.#state = arena.take(STATE);
    this.#fresh = arena.take(STATE);
    this.#parameters = arena.take(PARAMETERS);
    this.#key = arena.take(HASH);
    this.#input = arena.take(MOST);
    this.#output = arena.take(HASH);
    const { address } = arena;
    library.blake2sParameters(address + this.#parameters);
    library.blake2sInit(address + this.#fresh, address + this.#parameters);
  }

  /** Whether input of so many bytes can be hashed here. */
  holds(parts: readonly Uint8Array[]): boolean {
    let length = 0;
    for (const part of parts) length += part.length;
    return length <= MOST;
  }

  /** 32 bytes of the parts in a row. */
  hash(parts: readonly Uint8Array[]): Uint8Array {
    this.arena.work.copy(this.#state, this.#fresh, STATE);
    return this.#finish(parts, HASH);
  }

  /** 16 bytes under a key of 1 to 32. */
  mac(key: Uint8Array, data: Uint8Array): Uint8Array {
    const { library, arena } = this;
    const { address, bytes } = arena;
    const parameters = address + this.#parameters;
    library.blake2sParameters(parameters);
    library.blake2sSetDigestLength(parameters, MAC);
    library.blake2sSetKeyLength(parameters, key.length);
    bytes.set(key, this.#key);
    library.blake2sInitWithKey(address + this.#state, parameters, address + this.#key);
    bytes.fill(0, this.#key, this.#key + HASH);
    return this.#finish([data], MAC);
  }

  /** OpenSSL cleanses its state; the input may be a secret as well. */
  #finish(parts: readonly Uint8Array[], size: number): Uint8Array {
    const { library, arena } = this;
    const { address, bytes } = arena;
    let end = this.#input;
    for (const part of parts) {
      bytes.set(part, end);
      end += part.length;
    }
    library.blake2sUpdate(address + this.#state, address + this.#input, end - this.#input);
    library.blake2sFinal(address + this.#output, address + this.#state);
    const result = bytes.slice(this.#output, this.#output + size);
    bytes.fill(0, this.#input, end);
    bytes.fill(0, this.#output, this.#output + HASH);
    return result;
  }
}
