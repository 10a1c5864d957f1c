import { createHmac } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { concatBytes, equalBytes } from '#kernel';
import type { SavedTree } from '#merkle';

const SIZE_BYTES = 8;
const MAC_BYTES = 32;

/**
 * The trees of the last run, so that a start need not hash the whole ledger again: some 32 bytes for each event. Each file
 * is the size, the hashes, and an HMAC over both and the stream's name. What is missing or damaged is made anew.
 */
export class TreeCache {
  constructor(
    private readonly folder: string,
    private readonly secret: Uint8Array,
  ) {}

  /** The saved tree of a stream; undefined when there is none that is whole. */
  load(stream: string): SavedTree | undefined {
    try {
      const bytes = readFileSync(this.#fileOf(stream));
      const content = bytes.subarray(0, -MAC_BYTES);
      if (!equalBytes(bytes.subarray(-MAC_BYTES), this.#mac(stream, content))) return undefined;
      return { size: Number(content.readBigUInt64BE()), hashes: content.subarray(SIZE_BYTES) };
    } catch {
      return undefined;
    }
  }

  /** Replaces the saved tree of a stream, whole or not at all. */
  save(stream: string, { size, hashes }: SavedTree): void {
    mkdirSync(this.folder, { recursive: true, mode: 0o700 });
    const head = Buffer.alloc(SIZE_BYTES);
    head.writeBigUInt64BE(BigInt(size));
    const content = concatBytes(head, hashes);
    const draft = `${this.#fileOf(stream)}.new`;
    writeFileSync(draft, concatBytes(content, this.#mac(stream, content)), { mode: 0o600 });
    renameSync(draft, this.#fileOf(stream));
  }

  #fileOf = (stream: string): string => join(this.folder, `${stream}.tree`);

  #mac(stream: string, content: Uint8Array): Uint8Array {
    return createHmac('sha256', this.secret).update(`${stream}\0`).update(content).digest();
  }
}
