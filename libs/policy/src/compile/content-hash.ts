import { blake2s } from '@noble/hashes/blake2.js';
import canonicalize from 'canonicalize';
import { toHex, utf8 } from '#kernel';

/** Long enough that two contents never meet by chance (2^48 of them would have an even chance). */
const HASH_BYTES = 12;

/** A hash of a JSON value that does not depend on the order of its keys (RFC 8785). */
export function contentHash(value: unknown): string {
  return toHex(blake2s(utf8(canonicalize(value) ?? ''), { dkLen: HASH_BYTES }));
}
