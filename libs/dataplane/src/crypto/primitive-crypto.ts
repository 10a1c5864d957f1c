import type { Aead } from '#crypto';
import { NativeCrypto } from '#crypto/native';
import type { Arena } from '../memory/arena.js';
import { PrimitiveAead, PrimitiveWorkspace } from './primitive-aead.js';
import { PrimitiveLibrary } from './primitive-library.js';

/** OpenSSL's ChaCha20 and Poly1305 without what is around them; everything else is node:crypto's. */
export class PrimitiveCrypto extends NativeCrypto {
  override readonly name = 'openssl-primitives';
  readonly #workspace: PrimitiveWorkspace;

  /** @throws Error when this node does not show them */
  constructor(arena: Arena) {
    super();
    this.#workspace = new PrimitiveWorkspace(new PrimitiveLibrary(), arena);
  }

  override aead(key: Uint8Array): Aead {
    return new PrimitiveAead(this.#workspace, key);
  }
}
