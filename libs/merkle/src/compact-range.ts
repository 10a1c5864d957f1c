import type { TreeHasher } from './tree-hasher.js';

/** Told of each node of a tree as soon as all leaves below it are there; level 0 are the leaves. */
export type NodeListener = (level: number, hash: Uint8Array) => void;

/**
 * A tree that only grows, in O(log n) memory: the roots of the complete subtrees that its leaves make, the largest
 * first, one for each bit of the number of leaves. Enough to append and to know the root; not enough for proofs.
 */
export class CompactRange {
  readonly #roots: Uint8Array[];
  #size: number;

  /** @param start a tree that there is already: its size, and the roots of its complete subtrees, the largest first */
  constructor(
    private readonly hasher: TreeHasher,
    private readonly completed: NodeListener = () => {},
    start: { readonly size: number; readonly roots: readonly Uint8Array[] } = { size: 0, roots: [] },
  ) {
    this.#size = start.size;
    this.#roots = [...start.roots];
  }

  /** The number of leaves. */
  get size(): number {
    return this.#size;
  }

  /** @param leaf the hash of the leaf, as `TreeHasher.leaf` makes it */
  append(leaf: Uint8Array): void {
    let hash = leaf;
    let level = 0;
    this.completed(level, hash);
    for (let before = this.#size; before % 2 === 1; before = Math.floor(before / 2)) {
      hash = this.hasher.node(this.#roots.pop() ?? hash, hash);
      level += 1;
      this.completed(level, hash);
    }
    this.#roots.push(hash);
    this.#size += 1;
  }

  /** The root of the tree with the leaves so far (RFC 9162, 2.1.1). */
  get root(): Uint8Array {
    return (
      this.#roots.reduceRight<Uint8Array | undefined>(
        (right, left) => (right ? this.hasher.node(left, right) : left),
        undefined,
      ) ?? this.hasher.empty
    );
  }
}
