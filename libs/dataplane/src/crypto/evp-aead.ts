import { type Aead, TAG_LENGTH } from '#crypto';
import type { Arena } from '../memory/arena.js';
import { type EvpLibrary, GET_TAG, SET_TAG } from './evp-library.js';

const TWO_32 = 0x1_0000_0000;
const KEY = 32;
const NONCE = 16;
/** A packet, its padding and tag, whatever the MTU. */
const SCRATCH = 66_048;
const ASSOCIATED = 1_024;

/** Places in the arena that all ciphers of one thread share, as only one is at work at a time. */
export class EvpWorkspace {
  readonly key: number;
  readonly nonce: number;
  readonly written: number;
  readonly scratch: number;
  readonly associated: number;

  constructor(
    readonly library: EvpLibrary,
    readonly arena: Arena,
  ) {
    this.key = arena.take(KEY);
    this.nonce = arena.take(NONCE);
    this.written = arena.take(NONCE);
    this.scratch = arena.take(SCRATCH);
    this.associated = arena.take(ASSOCIATED);
  }
}

/** ChaCha20-Poly1305 of OpenSSL on the arena's memory in place; what lies elsewhere is copied in and out. */
export class EvpAead implements Aead {
  readonly #sealing: number;
  readonly #opening: number;
  readonly #written: number;
  readonly #nonce: number;

  constructor(
    readonly workspace: EvpWorkspace,
    key: Uint8Array,
  ) {
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

  seal(counter: number, plaintext: Uint8Array, output: Uint8Array, associated?: Uint8Array): void {
    const { arena, scratch } = this.workspace;
    const end = scratch + plaintext.length;
    arena.bytes.set(plaintext, scratch);
    this.#seal(counter, scratch, plaintext.length, this.#place(associated));
    output.set(arena.bytes.subarray(scratch, end + TAG_LENGTH));
    arena.bytes.fill(0, scratch, end);
  }

  open(counter: number, sealed: Uint8Array, output: Uint8Array, associated?: Uint8Array): boolean {
    if (sealed.length < TAG_LENGTH) return false;
    const { arena, scratch } = this.workspace;
    const length = sealed.length - TAG_LENGTH;
    arena.bytes.set(sealed, scratch);
    const good = this.#open(counter, scratch, length, this.#place(associated));
    if (good) output.set(arena.bytes.subarray(scratch, scratch + length));
    arena.bytes.fill(0, scratch, scratch + length);
    return good;
  }

  sealInPlace(counter: number, buffer: Uint8Array, start: number, end: number): void {
    if (buffer === this.workspace.arena.bytes) this.#seal(counter, start, end - start, 0);
    else this.seal(counter, buffer.subarray(start, end), buffer.subarray(start, end + TAG_LENGTH));
  }

  openInPlace(counter: number, buffer: Uint8Array, start: number, end: number): boolean {
    if (buffer === this.workspace.arena.bytes) return this.#open(counter, start, end - start - TAG_LENGTH, 0);
    return this.open(counter, buffer.subarray(start, end), buffer.subarray(start, end - TAG_LENGTH));
  }

  /** OpenSSL cleanses what it frees. */
  wipe(): void {
    this.workspace.library.freeContext(this.#sealing);
    this.workspace.library.freeContext(this.#opening);
  }

  #seal(counter: number, start: number, length: number, associated: number): void {
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

  #open(counter: number, start: number, length: number, associated: number): boolean {
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

  /** @returns the length of the associated data, which is in its place then */
  #place(associated: Uint8Array | undefined): number {
    if (associated) this.workspace.arena.bytes.set(associated, this.workspace.associated);
    return associated?.length ?? 0;
  }

  #setNonce(counter: number): void {
    const { arena, nonce } = this.workspace;
    arena.view.setUint32(nonce + 4, counter % TWO_32, true);
    arena.view.setUint32(nonce + 8, Math.floor(counter / TWO_32), true);
  }
}
