import { NetfoldError } from '#kernel';
import { CompactRange } from './compact-range.js';
import type { TreeNodes } from './proofs.js';
import { HASH_LENGTH, type TreeHasher } from './tree-hasher.js';

/** Every eighth level of the tree is kept (c2sp.org/tlog-tiles). */
export const TILE_HEIGHT = 8;
/** Hashes in a full tile. */
export const TILE_WIDTH = 2 ** TILE_HEIGHT;

/** The hashes of one kept level, in tiles that never move. */
class TileLevel {
  readonly #tiles: Uint8Array[] = [];
  #count = 0;

  get count(): number {
    return this.#count;
  }

  push(hash: Uint8Array): void {
    const at = this.#count % TILE_WIDTH;
    if (at === 0) this.#tiles.push(new Uint8Array(TILE_WIDTH * HASH_LENGTH));
    this.#tiles.at(-1)?.set(hash, at * HASH_LENGTH);
    this.#count += 1;
  }

  /** The hash at an index below `count`, as a view. */
  at(index: number): Uint8Array {
    const tile = this.#tiles[Math.floor(index / TILE_WIDTH)] ?? new Uint8Array();
    const at = (index % TILE_WIDTH) * HASH_LENGTH;
    return tile.subarray(at, at + HASH_LENGTH);
  }

  /** The first hashes of a tile, as a view; undefined when there are not so many. */
  tile(index: number, width: number): Uint8Array | undefined {
    if (index * TILE_WIDTH + width > this.#count) return undefined;
    return this.#tiles[index]?.subarray(0, width * HASH_LENGTH);
  }
}

/**
 * A growing Merkle tree that can prove anything about itself: 32 bytes for each leaf, and one in 256 of that for the
 * levels above. The nodes between the kept levels are computed when they are asked for, of at most 128 others.
 */
export class TileTree implements TreeNodes {
  readonly #levels: TileLevel[] = [];
  readonly #range: CompactRange;

  constructor(readonly hasher: TreeHasher) {
    this.#range = new CompactRange(hasher, (level, hash) => {
      if (level % TILE_HEIGHT !== 0) return;
      this.#levels[level / TILE_HEIGHT] ??= new TileLevel();
      this.#levels[level / TILE_HEIGHT]?.push(hash);
    });
  }

  get size(): number {
    return this.#range.size;
  }

  /** The root over all leaves. */
  get root(): Uint8Array {
    return this.#range.root;
  }

  /** @param leaf the hash of the leaf, as `TreeHasher.leaf` makes it */
  append(leaf: Uint8Array): void {
    this.#range.append(leaf);
  }

  node(level: number, index: number): Uint8Array {
    const kept = level % TILE_HEIGHT === 0 ? this.#levels[level / TILE_HEIGHT] : undefined;
    if (kept && index < kept.count) return kept.at(index);
    if (level === 0) throw noSuchLeaf(index, this.size);
    return this.hasher.node(this.node(level - 1, 2 * index), this.node(level - 1, 2 * index + 1));
  }

  /**
   * The first `width` hashes of a tile (c2sp.org/tlog-tiles, "Merkle Tree"): level 0 holds the leaves, each further
   * one the roots of the tiles below. Undefined when the tree does not have them.
   */
  tile(level: number, index: number, width: number): Uint8Array | undefined {
    return this.#levels[level]?.tile(index, width);
  }
}

const noSuchLeaf = (index: number, size: number): NetfoldError =>
  new NetfoldError({ code: 'merkle.out_of_range', message: `there is no leaf ${index} in a tree of ${size}` });
