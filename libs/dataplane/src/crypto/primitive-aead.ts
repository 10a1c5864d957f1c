import { TAG_LENGTH } from '#crypto';
import type { Arena } from '../memory/arena.js';
import { AeadWorkspace, ArenaAead } from './arena-aead.js';
import type { PrimitiveLibrary } from './primitive-library.js';

const TWO_32 = 0x1_0000_0000;
const KEY = 32;
const BLOCK = 64;
const UNIT = 16;
const LARGEST = 66_048;

export class PrimitiveWorkspace extends AeadWorkspace {
  readonly key: number;
  /** The same place, as the words that it is written by. */
  readonly keyWords: Uint32Array;
  readonly counter: number;
  readonly authenticator: number;
  readonly tag: number;
  readonly zeros: number;
  readonly plaintext: number;
  /** What was in the block before a message, and behind it. */
  readonly before: number;
  readonly behind = new Uint8Array(UNIT);
  /** Whose key lies in its place. */
  loaded: PrimitiveAead | undefined;

  constructor(
    readonly library: PrimitiveLibrary,
    arena: Arena,
  ) {
    super(arena);
    this.key = arena.take(KEY);
    this.keyWords = new Uint32Array(arena.bytes.buffer, this.key, KEY / 4);
    this.counter = arena.take(UNIT);
    this.authenticator = arena.take(library.poly1305Size);
    this.tag = arena.take(TAG_LENGTH);
    this.zeros = arena.take(UNIT);
    this.before = arena.take(BLOCK);
    this.plaintext = arena.take(BLOCK + LARGEST) + BLOCK;
  }
}

/**
 * ChaCha20-Poly1305 put together from its two parts (RFC 8439, 2.8), with as few calls as can be, since a call costs as
 * much as 100 bytes. The first block of the key stream holds the key of Poly1305 (2.6) and the message is encrypted from
 * the second one on: so one call encrypts a block of zeros and the message behind it.
 */
export class PrimitiveAead extends ArenaAead {
  readonly #key: Uint32Array;

  constructor(
    override readonly workspace: PrimitiveWorkspace,
    key: Uint8Array,
  ) {
    super(workspace);
    this.#key = new Uint32Array(Uint8Array.from(key).buffer);
  }

  prefetch(): number {
    return this.#key[0] === 0 ? 0 : 1;
  }

  override wipe(): void {
    const { workspace } = this;
    this.#key.fill(0);
    if (workspace.loaded !== this) return;
    workspace.loaded = undefined;
    workspace.arena.bytes.fill(0, workspace.key, workspace.key + KEY);
  }

  protected override sealAt(counter: number, start: number, length: number, associated: number): void {
    const { library, arena, authenticator, before } = this.workspace;
    arena.work.setAside(start - BLOCK, before);
    this.#stream(counter, start - BLOCK, start - BLOCK, BLOCK + length);
    library.poly1305Init(arena.address + authenticator, arena.address + start - BLOCK);
    arena.work.copy(start - BLOCK, before, BLOCK);
    this.#authenticate(start, length, associated);
    library.poly1305Final(arena.address + authenticator, arena.address + start + length);
  }

  /** The message is decrypted elsewhere, as its authenticator is over what is encrypted, and brought back when it is good. */
  protected override openAt(counter: number, start: number, length: number, associated: number): boolean {
    const { library, arena, authenticator, tag, plaintext, before } = this.workspace;
    arena.work.setAside(start - BLOCK, before);
    this.#stream(counter, start - BLOCK, plaintext - BLOCK, BLOCK + length);
    arena.work.copy(start - BLOCK, before, BLOCK);
    library.poly1305Init(arena.address + authenticator, arena.address + plaintext - BLOCK);
    arena.work.copy(tag, start + length, TAG_LENGTH);
    this.#authenticate(start, length, associated);
    library.poly1305Final(arena.address + authenticator, arena.address + start + length);
    if (!this.#isTag(start + length)) return false;
    arena.work.copy(start, plaintext, length);
    return true;
  }

  /** `length` bytes at `from`, of which the first 64 are zeros, with the key stream from its beginning, to `to`. */
  #stream(counter: number, from: number, to: number, length: number): void {
    const { workspace } = this;
    const { library, arena } = workspace;
    if (workspace.loaded !== this) {
      for (let i = 0; i < KEY / 4; i++) workspace.keyWords[i] = this.#key[i] as number;
      workspace.loaded = this;
    }
    const low = counter >>> 0;
    arena.view.setUint32(workspace.counter + 8, low, true);
    arena.view.setUint32(workspace.counter + 12, (counter - low) / TWO_32, true);
    const { address } = arena;
    library.chacha20(address + to, address + from, length, address + workspace.key, address + workspace.counter);
  }

  /** With padding and lengths right behind the message, where they overwrite the tag and up to 15 bytes more. */
  #authenticate(start: number, length: number, associated: number): void {
    const { library, arena, authenticator } = this.workspace;
    const context = arena.address + authenticator;
    if (associated) this.#authenticateAssociated(associated);
    const { view, bytes } = arena;
    const { behind } = this.workspace;
    const padding = -length & (UNIT - 1);
    const end = start + length;
    for (let i = 0; i < padding; i++) {
      behind[i] = bytes[end + TAG_LENGTH + i] as number;
      bytes[end + i] = 0;
    }
    view.setUint32(end + padding, associated, true);
    view.setUint32(end + padding + 4, 0, true);
    view.setUint32(end + padding + 8, length, true);
    view.setUint32(end + padding + 12, 0, true);
    library.poly1305Update(context, arena.address + start, length + padding + UNIT);
    for (let i = 0; i < padding; i++) bytes[end + TAG_LENGTH + i] = behind[i] as number;
  }

  #authenticateAssociated(length: number): void {
    const { library, arena, authenticator, associated, zeros } = this.workspace;
    const context = arena.address + authenticator;
    const padding = -length & (UNIT - 1);
    library.poly1305Update(context, arena.address + associated, length);
    if (padding) library.poly1305Update(context, arena.address + zeros, padding);
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
