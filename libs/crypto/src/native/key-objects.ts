import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { concatBytes, equalBytes, fromHex } from '#kernel';

/** A way to turn 32 raw bytes into a key that OpenSSL understands: RFC 8410 structures are a fixed prefix and the key. */
export type KeyKind = (raw: Uint8Array) => KeyObject;

const privateKind =
  (prefix: string): KeyKind =>
  (raw) =>
    createPrivateKey({ key: der(prefix, raw), format: 'der', type: 'pkcs8' });
const publicKind =
  (prefix: string): KeyKind =>
  (raw) =>
    createPublicKey({ key: der(prefix, raw), format: 'der', type: 'spki' });

export const X25519_PRIVATE = privateKind('302e020100300506032b656e04220420');
export const X25519_PUBLIC = publicKind('302a300506032b656e032100');
export const ED25519_PRIVATE = privateKind('302e020100300506032b657004220420');
export const ED25519_PUBLIC = publicKind('302a300506032b6570032100');

const der = (prefix: string, raw: Uint8Array): Buffer =>
  Buffer.from(concatBytes(fromHex(prefix) ?? new Uint8Array(), raw));

interface Entry {
  readonly bytes: Uint8Array;
  readonly key: KeyObject;
}

/**
 * Imported keys by the array that holds the raw ones, because importing costs as much as a key agreement.
 * An entry lives as long as its array, and is made anew when the array has come to hold another key.
 */
export class KeyObjects {
  private entries = new WeakMap<Uint8Array, Entry>();

  constructor(private readonly kind: KeyKind) {}

  get(raw: Uint8Array): KeyObject {
    const known = this.entries.get(raw);
    if (known && equalBytes(known.bytes, raw)) return known.key;
    const key = this.kind(raw);
    this.entries.set(raw, { bytes: Uint8Array.from(raw), key });
    return key;
  }

  forget(raw: Uint8Array): void {
    this.entries.get(raw)?.bytes.fill(0);
    this.entries.delete(raw);
  }
}
