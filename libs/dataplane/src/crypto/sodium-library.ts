import koffi from 'koffi';

const POINTER = 'size_t';
const LENGTH = 'ulong';

/** Output, its length, input, its length, associated data, its length, nothing, nonce, key. */
type Encrypt = (...words: readonly number[]) => number;
/** Output, its length, nothing, input, its length, associated data, its length, nonce, key. */
type Decrypt = (...words: readonly number[]) => number;

/** The calls of the system's libsodium that an AEAD takes. Pointers are numbers. */
export class SodiumLibrary {
  readonly encrypt: Encrypt;
  readonly decrypt: Decrypt;

  /** @throws Error when this system has no libsodium */
  constructor() {
    const library = koffi.load('libsodium.so.23');
    if (library.func('sodium_init', 'int', [])() < 0) throw new Error('libsodium does not start');
    const [p, n] = [POINTER, LENGTH];
    const name = 'crypto_aead_chacha20poly1305_ietf';
    this.encrypt = library.func(`${name}_encrypt`, 'int', [p, p, p, n, p, n, p, p, p]);
    this.decrypt = library.func(`${name}_decrypt`, 'int', [p, p, p, p, n, p, n, p, p]);
  }
}
