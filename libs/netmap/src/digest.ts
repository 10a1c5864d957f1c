import type { Item } from './item.js';
import type { Netmap, NetmapDiff } from './netmap.js';

/**
 * The sum modulo 2^256 of the hashes of a netmap's items, as 32 bytes, least significant first. It does not depend on
 * order, and a change costs as much as the items that changed. (Bellare and Micciancio, "A new paradigm for
 * collision-free hashing", Eurocrypt 1997, section 4: AdHash.) It detects loss and confusion between two ends that trust
 * each other; it is no commitment against someone who chooses the items.
 */
export type Digest = Uint8Array;

export const DIGEST_BYTES = 32;

export interface EncodedItem {
  readonly bytes: Uint8Array;
  /** SHA-256(key ‖ 0 ‖ bytes). */
  readonly hash: Uint8Array;
}

/** Deterministic: equal items have equal bytes. It is called often with the same object, and may remember it. */
export type Encoder = (item: Item) => EncodedItem;

export const emptyDigest: Digest = new Uint8Array(DIGEST_BYTES);

/** Cost: the size of the netmap. */
export function digestOf(netmap: Netmap, encode: Encoder): Digest {
  const digest = new Uint8Array(DIGEST_BYTES);
  for (const item of netmap.values()) addHash(digest, encode(item).hash);
  return digest;
}

/** The digest of a netmap after a step, from the one before. Cost: the size of the step. */
export function updateDigest(before: Digest, diff: NetmapDiff, encode: Encoder): Digest {
  const digest = Uint8Array.from(before);
  for (const item of diff.removed) subtractHash(digest, encode(item).hash);
  for (const { before: old, after } of diff.upserted) {
    if (old) subtractHash(digest, encode(old).hash);
    addHash(digest, encode(after).hash);
  }
  return digest;
}

/** In place. */
export function addHash(sum: Uint8Array, term: Uint8Array): void {
  let carry = 0;
  for (let i = 0; i < DIGEST_BYTES; i++) {
    carry += (sum[i] as number) + (term[i] as number);
    sum[i] = carry;
    carry >>= 8;
  }
}

/** In place. */
export function subtractHash(sum: Uint8Array, term: Uint8Array): void {
  let borrow = 0;
  for (let i = 0; i < DIGEST_BYTES; i++) {
    borrow += (sum[i] as number) - (term[i] as number);
    sum[i] = borrow;
    borrow >>= 8;
  }
}
