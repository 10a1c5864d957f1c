import { equalBytes } from '#kernel';
import { HASH_LENGTH, type TreeHasher } from './tree-hasher.js';

/** A tree by what identifies it. */
export interface TreeHead {
  /** The number of leaves. */
  readonly size: number;
  readonly root: Uint8Array;
}

export interface Inclusion {
  readonly index: number;
  /** The hash of the leaf, as `TreeHasher.leaf` makes it. */
  readonly leaf: Uint8Array;
  readonly proof: readonly Uint8Array[];
}

/** Whether a proof shows that a leaf is part of a tree (RFC 9162, 2.1.3.2). Anything malformed is simply no proof. */
export function isIncluded(hasher: TreeHasher, { index, leaf, proof }: Inclusion, { size, root }: TreeHead): boolean {
  if (!isCount(index) || !isCount(size) || index >= size || !areHashes([leaf, root, ...proof])) return false;
  let [fn, sn, hash] = [index, size - 1, leaf];
  for (const step of proof) {
    if (sn === 0) return false;
    if (isOdd(fn) || fn === sn) {
      hash = hasher.node(step, hash);
      for (; !isOdd(fn) && fn !== 0; [fn, sn] = [half(fn), half(sn)]);
    } else hash = hasher.node(hash, step);
    [fn, sn] = [half(fn), half(sn)];
  }
  return sn === 0 && equalBytes(hash, root);
}

/**
 * Whether a proof shows that a tree holds all leaves of an older one, in the same places (RFC 9162, 2.1.4.2).
 * Anything malformed is simply no proof.
 */
export function isConsistent(
  hasher: TreeHasher,
  older: TreeHead,
  newer: TreeHead,
  proof: readonly Uint8Array[],
): boolean {
  if (!isCount(older.size) || !isCount(newer.size) || older.size > newer.size) return false;
  if (!areHashes([older.root, newer.root, ...proof])) return false;
  if (older.size === newer.size) return proof.length === 0 && equalBytes(older.root, newer.root);
  if (older.size === 0) return proof.length === 0 && equalBytes(older.root, hasher.empty);
  return growsInto(hasher, older, newer, proof);
}

/** The part of `isConsistent` for 0 < older.size < newer.size. */
function growsInto(hasher: TreeHasher, older: TreeHead, newer: TreeHead, proof: readonly Uint8Array[]): boolean {
  let [fn, sn] = [older.size - 1, newer.size - 1];
  for (; isOdd(fn); [fn, sn] = [half(fn), half(sn)]);
  // A complete old tree is a node of the new one: the verifier has that hash already.
  const [first, ...steps] = fn === 0 ? [older.root, ...proof] : proof;
  if (!first || proof.length === 0) return false;
  let [oldRoot, newRoot] = [first, first];
  for (const step of steps) {
    if (sn === 0) return false;
    if (isOdd(fn) || fn === sn) {
      oldRoot = hasher.node(step, oldRoot);
      newRoot = hasher.node(step, newRoot);
      for (; !isOdd(fn) && fn !== 0; [fn, sn] = [half(fn), half(sn)]);
    } else newRoot = hasher.node(newRoot, step);
    [fn, sn] = [half(fn), half(sn)];
  }
  return sn === 0 && equalBytes(oldRoot, older.root) && equalBytes(newRoot, newer.root);
}

// Sizes may pass 2^31, so that no bit operators.
const isOdd = (number: number): boolean => number % 2 === 1;
const half = (number: number): number => Math.floor(number / 2);
const isCount = (number: number): boolean => Number.isSafeInteger(number) && number >= 0;
const areHashes = (hashes: readonly Uint8Array[]): boolean => hashes.every(({ length }) => length === HASH_LENGTH);
