import { type Aead, KEY_LENGTH } from '#crypto';
import { NativeCrypto } from '#crypto/native';
import type { Arena } from '../memory/arena.js';
import { PrimitiveAead, PrimitiveWorkspace } from './primitive-aead.js';
import { PrimitiveAgreement } from './primitive-agreement.js';
import { PrimitiveHash } from './primitive-hash.js';
import { PrimitiveLibrary } from './primitive-library.js';

/** OpenSSL's ChaCha20, Poly1305, X25519 and BLAKE2s without what is around them; everything else is node:crypto's. */
export class PrimitiveCrypto extends NativeCrypto {
  override readonly name = 'openssl-primitives';
  readonly #workspace: PrimitiveWorkspace;
  readonly #agreement: PrimitiveAgreement;
  readonly #hash: PrimitiveHash;

  /** @throws Error when this node does not show them */
  constructor(arena: Arena) {
    super();
    const library = new PrimitiveLibrary();
    this.#workspace = new PrimitiveWorkspace(library, arena);
    this.#agreement = new PrimitiveAgreement(library, arena);
    this.#hash = new PrimitiveHash(library, arena);
  }

  override dhPublicKey(privateKey: Uint8Array): Uint8Array {
    return areKeys(privateKey) ? this.#agreement.publicKey(privateKey) : super.dhPublicKey(privateKey);
  }

  override dh(privateKey: Uint8Array, publicKey: Uint8Array): Uint8Array | undefined {
    return areKeys(privateKey, publicKey) ? this.#agreement.agree(privateKey, publicKey) : undefined;
  }

  override blake2s(...parts: readonly Uint8Array[]): Uint8Array {
    return this.#hash.holds(parts) ? this.#hash.hash(parts) : super.blake2s(...parts);
  }

  override mac(key: Uint8Array, data: Uint8Array): Uint8Array {
    const fits = key.length > 0 && key.length <= 32 && this.#hash.holds([data]);
    return fits ? this.#hash.mac(key, data) : super.mac(key, data);
  }

  override aead(key: Uint8Array): Aead {
    return new PrimitiveAead(this.#workspace, key);
  }
}

const areKeys = (...keys: readonly Uint8Array[]): boolean => keys.every(({ length }) => length === KEY_LENGTH);
