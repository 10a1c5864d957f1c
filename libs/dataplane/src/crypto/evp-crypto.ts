import type { Aead } from '#crypto';
import { NativeCrypto } from '#crypto/native';
import type { Arena } from '../memory/arena.js';
import { EvpAead, EvpWorkspace } from './evp-aead.js';
import { EvpLibrary } from './evp-library.js';

/** OpenSSL's ciphers by direct calls, a tenth of the cost of node:crypto's objects; everything else is node:crypto's. */
export class EvpCrypto extends NativeCrypto {
  override readonly name = 'openssl';
  readonly #workspace: EvpWorkspace;

  /** @throws Error when this node shows no OpenSSL */
  constructor(arena: Arena) {
    super();
    this.#workspace = new EvpWorkspace(new EvpLibrary(), arena);
  }

  override aead(key: Uint8Array): Aead {
    return new EvpAead(this.#workspace, key);
  }
}
