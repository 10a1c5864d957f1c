import { KEY_LENGTH } from '#crypto';
import type { Arena } from '../memory/arena.js';
import type { PrimitiveLibrary } from './primitive-library.js';

/** X25519 on raw keys, in the arena's memory: OpenSSL's interface takes as long again to import them. */
export class PrimitiveAgreement {
  readonly #private: number;
  readonly #public: number;
  readonly #result: number;

  constructor(
    readonly library: PrimitiveLibrary,
    readonly arena: Arena,
  ) {
    this.#private = arena.take(KEY_LENGTH);
    this.#public = arena.take(KEY_LENGTH);
    this.#result = arena.take(KEY_LENGTH);
  }

  publicKey(privateKey: Uint8Array): Uint8Array {
    const { address, bytes } = this.arena;
    bytes.set(privateKey, this.#private);
    this.library.x25519PublicKey(address + this.#result, address + this.#private);
    return this.#take();
  }

  /** @returns undefined when the result is all zero, that is for a public key of low order */
  agree(privateKey: Uint8Array, publicKey: Uint8Array): Uint8Array | undefined {
    const { address, bytes } = this.arena;
    bytes.set(privateKey, this.#private);
    bytes.set(publicKey, this.#public);
    this.library.x25519(address + this.#result, address + this.#private, address + this.#public);
    const result = this.#take();
    // In constant time, and whatever the library says: it is not an interface that it promises.
    return result.reduce((all, byte) => all | byte, 0) === 0 ? undefined : result;
  }

  #take(): Uint8Array {
    const { bytes } = this.arena;
    const result = bytes.slice(this.#result, this.#result + KEY_LENGTH);
    bytes.fill(0, this.#private, this.#private + KEY_LENGTH);
    bytes.fill(0, this.#result, this.#result + KEY_LENGTH);
    return result;
  }
}
