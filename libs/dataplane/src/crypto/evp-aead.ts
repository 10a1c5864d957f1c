import { TAG_LENGTH } from '#crypto';
import type { Arena } from '../memory/arena.js';
import { AeadWorkspace, ArenaAead } from './arena-aead.js';
import { type EvpLibrary, GET_TAG, SET_TAG } from './evp-library.js';

const TWO_32 = 0x1_0000_0000;
const KEY = 32;
const NONCE = 16;

export class EvpWorkspace extends AeadWorkspace {
  readonly key: number;
  readonly nonce: number;
  readonly written: number;

  constructor(
    readonly library: EvpLibrary,
    arena: Arena,
  ) {
    super(arena);
    this.key = arena.take(KEY);
    this.nonce = arena.take(NONCE);
    this.written = arena.take(NONCE);
  }
}

/** By the public interface of OpenSSL. */
export class EvpAead extends ArenaAead {
  readonly #sealing: number;
  readonly #opening: number;
  readonly #written: number;
  readonly #nonce: number;

  constructor(
    override readonly workspace: EvpWorkspace,
    key: Uint8Array,
  ) {
    super(workspace);
    const { library, arena } = workspace;
    this.#written = arena.address + workspace.written;
    this.#nonce = arena.address + workspace.nonce;
    this.#sealing = library.newContext();
    this.#opening = library.newContext();
    arena.bytes.set(key, workspace.key);
    library.encryptInit(this.#sealing, library.cipher, 0, arena.address + workspace.key, this.#nonce);
    library.decryptInit(this.#opening, library.cipher, 0, arena.address + workspace.key, this.#nonce);
    arena.bytes.fill(0, workspace.key, workspace.key + KEY);
  }

  /** OpenSSL cleanses what it frees. */
  override wipe(): void {
    this.workspace.library.freeContext(this.#sealing);
    this.workspace.library.freeContext(this.#opening);
  }

  protected override sealAt(counter: number, start: number, length: number, associated: number): void {
    const { library, arena } = this.workspace;
    const context = this.#sealing;
    const at = arena.address + start;
    this.#setNonce(counter);
    library.encryptInit(context, 0, 0, 0, this.#nonce);
    if (associated) library.encryptUpdate(context, 0, this.#written, this.#associated, associated);
    if (length) library.encryptUpdate(context, at, this.#written, at, length);
    library.encryptFinal(context, at + length, this.#written);
    library.control(context, GET_TAG, TAG_LENGTH, at + length);
  }

  protected override openAt(counter: number, start: number, length: number, associated: number): boolean {
    const { library, arena } = this.workspace;
    const context = this.#opening;
    const at = arena.address + start;
    this.#setNonce(counter);
    library.decryptInit(context, 0, 0, 0, this.#nonce);
    library.control(context, SET_TAG, TAG_LENGTH, at + length);
    if (associated) library.decryptUpdate(context, 0, this.#written, this.#associated, associated);
    if (length) library.decryptUpdate(context, at, this.#written, at, length);
    return library.decryptFinal(context, at + length, this.#written) === 1;
  }

  get #associated(): number {
    return this.workspace.arena.address + this.workspace.associated;
  }

  #setNonce(counter: number): void {
    const { arena, nonce } = this.workspace;
    const low = counter >>> 0;
    arena.view.setUint32(nonce + 4, low, true);
    arena.view.setUint32(nonce + 8, (counter - low) / TWO_32, true);
  }
}
