import { TAG_LENGTH } from '#crypto';
import type { Arena } from '../memory/arena.js';
import { AeadWorkspace, ArenaAead } from './arena-aead.js';
import type { PrimitiveLibrary } from './primitive-library.js';

const TWO_32 = 0x1_0000_0000;
const KEY = 32;
const BLOCK = 64;
const UNIT = 16;

export class PrimitiveWorkspace extends AeadWorkspace {
  readonly key: number;
  readonly counter: number;
  readonly authenticator: number;
  /** The first block of the key stream, whose first half is the key of Poly1305 (RFC 8439, 2.6). */
  readonly first: number;
  /** 16 zeros, then the two lengths at the end of what is authenticated (RFC 8439, 2.8). */
  readonly tail: number;
  readonly tag: number;
  /** Whose key lies in its place. */
  loaded: PrimitiveAead | undefined;

  constructor(
    readonly library: PrimitiveLibrary,
    arena: Arena,
  ) {
    super(arena);
    this.key = arena.take(KEY);
    this.counter = arena.take(UNIT);
    this.authenticator = arena.take(library.poly1305Size);
    this.first = arena.take(BLOCK);
    this.tail = arena.take(2 * UNIT);
    this.tag = arena.take(TAG_LENGTH);
  }
}

/** ChaCha20-Poly1305 put together from its two parts (RFC 8439, 2.8), at two thirds of the cost of OpenSSL's own. */
export class PrimitiveAead extends ArenaAead {
  readonly #key: Uint8Array;

  constructor(
    override readonly workspace: PrimitiveWorkspace,
    key: Uint8Array,
  ) {
    super(workspace);
    this.#key = Uint8Array.from(key);
  }

  override wipe(): void {
    const { workspace } = this;
    this.#key.fill(0);
    if (workspace.loaded !== this) return;
    workspace.loaded = undefined;
    workspace.arena.bytes.fill(0, workspace.key, workspace.key + KEY);
  }

  protected override sealAt(counter: number, start: number, length: number, associated: number): void {
    const { library, arena } = this.workspace;
    this.#begin(counter);
    if (length) this.#encrypt(start, length);
    this.#authenticate(start, length, associated);
    library.poly1305Final(arena.address + this.workspace.authenticator, arena.address + start + length);
  }

  protected override openAt(counter: number, start: number, length: number, associated: number): boolean {
    const { library, arena, authenticator, tag } = this.workspace;
    this.#begin(counter);
    this.#authenticate(start, length, associated);
    library.poly1305Final(arena.address + authenticator, arena.address + tag);
    if (!this.#isTag(start + length)) return false;
    if (length) this.#encrypt(start, length);
    return true;
  }

  /** Loads key and nonce, and makes the key of the authenticator. */
  #begin(counter: number): void {
    const { workspace } = this;
    const { library, arena, first } = workspace;
    if (workspace.loaded !== this) {
      arena.bytes.set(this.#key, workspace.key);
      workspace.loaded = this;
    }
    arena.view.setUint32(workspace.counter, 0, true);
    arena.view.setUint32(workspace.counter + 8, counter % TWO_32, true);
    arena.view.setUint32(workspace.counter + 12, Math.floor(counter / TWO_32), true);
    arena.bytes.fill(0, first, first + BLOCK);
    this.#stream(first, BLOCK);
    library.poly1305Init(arena.address + workspace.authenticator, arena.address + first);
  }

  /** From the second block of the key stream on, which encrypts and decrypts alike. */
  #encrypt(start: number, length: number): void {
    this.workspace.arena.view.setUint32(this.workspace.counter, 1, true);
    this.#stream(start, length);
  }

  #stream(start: number, length: number): void {
    const { library, arena, key, counter } = this.workspace;
    const at = arena.address + start;
    library.chacha20(at, at, length, arena.address + key, arena.address + counter);
  }

  #authenticate(start: number, length: number, associated: number): void {
    const { library, arena, authenticator, tail } = this.workspace;
    const context = arena.address + authenticator;
    if (associated) {
      library.poly1305Update(context, arena.address + this.workspace.associated, associated);
      this.#pad(associated);
    }
    if (length) library.poly1305Update(context, arena.address + start, length);
    arena.view.setUint32(tail + UNIT, associated, true);
    arena.view.setUint32(tail + UNIT + 8, length, true);
    // The padding lies right before the lengths.
    const padding = -length & (UNIT - 1);
    library.poly1305Update(context, arena.address + tail + UNIT - padding, padding + UNIT);
  }

  #pad(length: number): void {
    const { library, arena, authenticator, tail } = this.workspace;
    const padding = -length & (UNIT - 1);
    if (padding) library.poly1305Update(arena.address + authenticator, arena.address + tail, padding);
  }

  /** In constant time. */
  #isTag(place: number): boolean {
    const { arena, tag } = this.workspace;
    let difference = 0;
    for (let i = 0; i < TAG_LENGTH; i += 4) {
      difference |= arena.view.getUint32(place + i) ^ arena.view.getUint32(tag + i);
    }
    return difference === 0;
  }
}
