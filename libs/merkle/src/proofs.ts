import { NetfoldError } from '#kernel';
import type { TreeHasher } from './tree-hasher.js';

/** A tree whose nodes can be looked up. */
export interface TreeNodes {
  readonly hasher: TreeHasher;
  /** The number of leaves. */
  readonly size: number;
  /** The root of the complete subtree over the leaves from `index * 2^level` on, `2^level` of them. */
  node(level: number, index: number): Uint8Array;
}

/**
 * The root of the tree that the first leaves make (RFC 9162, 2.1.1).
 * @throws NetfoldError `merkle.out_of_range`
 */
export function rootAt(tree: TreeNodes, size: number): Uint8Array {
  requireRange(0 <= size && size <= tree.size, tree, `a tree of ${size}`);
  return size === 0 ? tree.hasher.empty : rootOf(tree, 0, size);
}

/**
 * What proves that a leaf is part of the tree of the first `size` leaves: a hash for each step from the leaf to the
 * root (RFC 9162, 2.1.3.1).
 * @throws NetfoldError `merkle.out_of_range`
 */
export function inclusionProof(tree: TreeNodes, index: number, size: number): Uint8Array[] {
  requireRange(size <= tree.size, tree, `a tree of ${size}`);
  requireRange(0 <= index && index < size, tree, `event ${index} among the first ${size}`);
  return pathOf(tree, index, 0, size);
}

/**
 * What proves that the tree of the first `to` leaves only adds to the tree of the first `from` (RFC 9162, 2.1.4.1).
 * Nothing is needed for an empty tree and for the same one.
 * @throws NetfoldError `merkle.out_of_range`
 */
export function consistencyProof(tree: TreeNodes, from: number, to: number): Uint8Array[] {
  requireRange(to <= tree.size, tree, `a tree of ${to}`);
  requireRange(0 <= from && from <= to, tree, `a step from ${from} to ${to}`);
  return from === 0 ? [] : subproofOf(tree, from, 0, to, true);
}

/** MTH(D[start:end]), whose start is where a complete subtree of that size may begin. */
function rootOf(tree: TreeNodes, start: number, end: number): Uint8Array {
  const count = end - start;
  const half = splitOf(count);
  if (half * 2 === count || count === 1) return tree.node(Math.log2(count), start / count);
  return tree.hasher.node(rootOf(tree, start, start + half), rootOf(tree, start + half, end));
}

/** PATH(index - start, D[start:end]) */
function pathOf(tree: TreeNodes, index: number, start: number, end: number): Uint8Array[] {
  if (end - start === 1) return [];
  const middle = start + splitOf(end - start);
  return index < middle
    ? [...pathOf(tree, index, start, middle), rootOf(tree, middle, end)]
    : [...pathOf(tree, index, middle, end), rootOf(tree, start, middle)];
}

/** SUBPROOF(from - start, D[start:end], known), where `known` says that the verifier has the root of the old part. */
function subproofOf(tree: TreeNodes, from: number, start: number, end: number, known: boolean): Uint8Array[] {
  if (from === end) return known ? [] : [rootOf(tree, start, end)];
  const middle = start + splitOf(end - start);
  return from <= middle
    ? [...subproofOf(tree, from, start, middle, known), rootOf(tree, middle, end)]
    : [...subproofOf(tree, from, middle, end, false), rootOf(tree, start, middle)];
}

/** The largest power of two below a number, 1 for 1. */
function splitOf(count: number): number {
  let power = 1;
  while (power * 2 < count) power *= 2;
  return power;
}

function requireRange(holds: boolean, { size }: TreeNodes, what: string): void {
  if (holds) return;
  throw new NetfoldError({
    code: 'merkle.out_of_range',
    message: `there is no ${what} in a ledger of ${size} events`,
    hint: 'ask for what the newest checkpoint covers',
  });
}
