import { TAG_LENGTH } from '#crypto';
import type { Arena } from '../memory/arena.js';
import { AeadWorkspace, ArenaAead } from './arena-aead.js';
import type { SodiumLibrary } from './sodium-library.js';

const TWO_32 = 0x1_0000_0000;
const KEY = 32;
const NONCE = 16;

export class SodiumWorkspace extends AeadWorkspace {
  readonly key: number;
  readonly nonce: number;

  constructor(
    readonly library: SodiumLibrary,
    arena: Arena,
  ) {
    super(arena);
    this.key = arena.take(KEY);
    this.nonce = arena.take(NONCE);
  }
}

/** By libsodium, one call for each message. The key is in its place for as long as that call. */
export class SodiumAead extends ArenaAead {
  readonly #key: Uint8Array;

  constructor(
    override readonly workspace: SodiumWorkspace,
    key: Uint8Array,
  ) {
    super(workspace);
    this.#key = Uint8Array.from(key);
  }

  override wipe(): void {
    const { arena, key } = this.workspace;
    this.#key.fill(0);
    arena.bytes.fill(0, key, key + KEY);
  }

  protected override sealAt(counter: number, start: number, length: number, associated: number): void {
    const { library, arena, nonce, key, associated: place } = this.workspace;
    this.#prepare(counter);
    const { address } = arena;
    const at = address + start;
    library.encrypt(at, 0, at, length, address + place, associated, 0, address + nonce, address + key);
  }

  protected override openAt(counter: number, start: number, length: number, associated: number): boolean {
    const { library, arena, nonce, key, associated: place } = this.workspace;
    this.#prepare(counter);
    const { address } = arena;
    const at = address + start;
    const sealed = length + TAG_LENGTH;
    return library.decrypt(at, 0, 0, at, sealed, address + place, associated, address + nonce, address + key) === 0;
  }

  #prepare(counter: number): void {
    const { arena, nonce, key } = this.workspace;
    const low = counter >>> 0;
    arena.bytes.set(this.#key, key);
    arena.view.setUint32(nonce + 4, low, true);
    arena.view.setUint32(nonce + 8, (counter - low) / TWO_32, true);
  }
}
