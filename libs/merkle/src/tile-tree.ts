import { concatBytes, NetfoldError } from '#kernel';
import { CompactRange } from './compact-range.js';
import type { TreeNodes } from './proofs.js';
import { HASH_LENGTH, type TreeHasher } from './tree-hasher.js';

/** Every eighth level of the tree is kept (c2sp.org/tlog-tiles). */
export const TILE_HEIGHT = 8;
/** Hashes in a full tile. */
export const TILE_WIDTH = 2 ** TILE_HEIGHT;

const TILE_BYTES = TILE_WIDTH * HASH_LENGTH;

/** What is kept of a tree. */
export interface SavedTree {
  /** The number of leaves. */
  readonly size: number;
  /** The hashes of the kept levels, one level behind the other, the leaves first. */
  readonly hashes: Uint8Array;
}

/** The hashes of one kept level, in tiles that never move. */
class TileLevel {
  readonly #tiles: Uint8Array[] = [];
  #count = 0;

  /** @param hashes that the level has already */
  constructor(hashes: Uint8Array = new Uint8Array()) {
    for (let at = 0; at < hashes.length; at += TILE_BYTES) {
      const tile = new Uint8Array(TILE_BYTES);
      tile.set(hashes.subarray(at, at + TILE_BYTES));
      this.#tiles.push(tile);
    }
    this.#count = hashes.length / HASH_LENGTH;
  }

  /** Its hashes, tile by tile. */
  *hashes(): Generator<Uint8Array> {
    let left = this.#count * HASH_LENGTH;
    for (const tile of this.#tiles) {
      yield tile.subarray(0, left);
      left -= tile.length;
    }
  }

  get count(): number {
    return this.#count;
  }

  push(hash: Uint8Array): void {
    const at = this.#count % TILE_WIDTH;
    if (at === 0) this.#tiles.push(new Uint8Array(TILE_BYTES));
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

  /**
   * @param saved what `save` gave of a tree that is to go on; undefined for an empty one
   * @throws NetfoldError `merkle.malformed` when it has not the length that its size asks for
   */
  constructor(
    readonly hasher: TreeHasher,
    saved: SavedTree = { size: 0, hashes: new Uint8Array() },
  ) {
    let at = 0;
    for (const count of countsOf(saved.size)) {
      this.#levels.push(new TileLevel(saved.hashes.subarray(at, at + count * HASH_LENGTH)));
      at += count * HASH_LENGTH;
    }
    if (at !== saved.hashes.length) throw malformed(saved);
    const start = { size: saved.size, roots: this.#rootsAt(saved.size) };
    this.#range = new CompactRange(hasher, (level, hash) => this.#keep(level, hash), start);
  }

  /** All that is kept of the tree, which another one can go on from. */
  save(): SavedTree {
    return { size: this.size, hashes: concatBytes(...this.#levels.flatMap((level) => [...level.hashes()])) };
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

  #keep(level: number, hash: Uint8Array): void {
    if (level % TILE_HEIGHT !== 0) return;
    this.#levels[level / TILE_HEIGHT] ??= new TileLevel();
    this.#levels[level / TILE_HEIGHT]?.push(hash);
  }

  /** The roots of the complete subtrees that so many leaves make, the largest first. */
  #rootsAt(size: number): Uint8Array[] {
    const roots: Uint8Array[] = [];
    let start = 0;
    for (let level = Math.floor(Math.log2(Math.max(1, size))); level >= 0; level--) {
      const width = 2 ** level;
      if (size - start < width) continue;
      roots.push(this.node(level, start / width).slice());
      start += width;
    }
    return roots;
  }
}

/** How many hashes each kept level of a tree has, from the leaves up. */
function countsOf(size: number): number[] {
  const counts: number[] = [];
  for (let count = size; count >= 1; count = Math.floor(count / TILE_WIDTH)) counts.push(count);
  return counts;
}

const malformed = ({ size, hashes }: SavedTree): NetfoldError =>
  new NetfoldError({
    code: 'merkle.malformed',
    message: `${hashes.length} bytes are not what is kept of a tree of ${size} leaves`,
  });

const noSuchLeaf = (index: number, size: number): NetfoldError =>
  new NetfoldError({ code: 'merkle.out_of_range', message: `there is no leaf ${index} in a tree of ${size}` });
