import { type Aead, TAG_LENGTH } from '#crypto';
import type { Arena } from '../memory/arena.js';

/** A packet, its padding and tag, whatever the MTU. */
const SCRATCH = 66_048;
const ASSOCIATED = 1_024;
const MARGIN = 64;

/** Places in the arena that all ciphers of one thread share, as only one is at work at a time. */
export class AeadWorkspace {
  readonly scratch: number;
  readonly associated: number;

  constructor(readonly arena: Arena) {
    this.scratch = arena.take(MARGIN + SCRATCH) + MARGIN;
    this.associated = arena.take(ASSOCIATED);
  }
}

/** ChaCha20-Poly1305 on the arena's memory in place; what lies elsewhere is copied in and out. */
export abstract class ArenaAead implements Aead {
  constructor(readonly workspace: AeadWorkspace) {}

  abstract wipe(): void;
  /** @param associated the length of the associated data in the workspace */
  protected abstract sealAt(counter: number, start: number, length: number, associated: number): void;
  /** @param length without the tag */
  protected abstract openAt(counter: number, start: number, length: number, associated: number): boolean;

  seal(counter: number, plaintext: Uint8Array, output: Uint8Array, associated?: Uint8Array): void {
    const { arena, scratch } = this.workspace;
    const end = scratch + plaintext.length;
    arena.bytes.set(plaintext, scratch);
    this.sealAt(counter, scratch, plaintext.length, this.#place(associated));
    output.set(arena.bytes.subarray(scratch, end + TAG_LENGTH));
    arena.bytes.fill(0, scratch, end);
  }

  open(counter: number, sealed: Uint8Array, output: Uint8Array, associated?: Uint8Array): boolean {
    if (sealed.length < TAG_LENGTH) return false;
    const { arena, scratch } = this.workspace;
    const length = sealed.length - TAG_LENGTH;
    arena.bytes.set(sealed, scratch);
    const good = this.openAt(counter, scratch, length, this.#place(associated));
    if (good) output.set(arena.bytes.subarray(scratch, scratch + length));
    arena.bytes.fill(0, scratch, scratch + length);
    return good;
  }

  sealInPlace(counter: number, buffer: Uint8Array, start: number, end: number): void {
    if (buffer === this.workspace.arena.bytes) this.sealAt(counter, start, end - start, 0);
    else this.seal(counter, buffer.subarray(start, end), buffer.subarray(start, end + TAG_LENGTH));
  }

  openInPlace(counter: number, buffer: Uint8Array, start: number, end: number): boolean {
    if (buffer === this.workspace.arena.bytes) return this.openAt(counter, start, end - start - TAG_LENGTH, 0);
    return this.open(counter, buffer.subarray(start, end), buffer.subarray(start, end - TAG_LENGTH));
  }

  /** @returns the length of the associated data, which is in its place then */
  #place(associated: Uint8Array | undefined): number {
    if (associated) this.workspace.arena.bytes.set(associated, this.workspace.associated);
    return associated?.length ?? 0;
  }
}
