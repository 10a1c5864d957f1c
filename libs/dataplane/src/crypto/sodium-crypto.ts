import type { Aead } from '#crypto';
import { NativeCrypto } from '#crypto/native';
import type { Arena } from '../memory/arena.js';
import { SodiumAead, SodiumWorkspace } from './sodium-aead.js';
import { SodiumLibrary } from './sodium-library.js';

/** The ciphers of the system's libsodium; everything else is node:crypto's. */
export class SodiumCrypto extends NativeCrypto {
  override readonly name = 'sodium';
  readonly #workspace: SodiumWorkspace;

  /** @throws Error when this system has no libsodium */
  constructor(arena: Arena) {
    super();
    this.#workspace = new SodiumWorkspace(new SodiumLibrary(), arena);
  }

  override aead(key: Uint8Array): Aead {
    return new SodiumAead(this.#workspace, key);
  }
}
