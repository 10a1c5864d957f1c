import { type EventStore, ledgerHasher, ledgerLeaf } from '#event-store';
import { equalBytes } from '#kernel';
import { consistencyProof, inclusionProof, rootAt, type SavedTree, TileTree } from '#merkle';

/** An event, as far as the tree over its stream is made of it. */
interface Hashed {
  readonly revision: number;
  readonly hash: string;
}

/** The Merkle tree over one stream, as far as the subscription has come. */
export class LedgerTree {
  #tree = new TileTree(ledgerHasher);

  /** The number of events. */
  get size(): number {
    return this.#tree.size;
  }

  /** Takes the next event. One that comes before its turn is left to `fill`. */
  apply({ revision, hash }: Hashed): void {
    if (revision === this.size) this.#tree.append(ledgerLeaf(hash));
  }

  /**
   * Goes on from the tree of an earlier run if that is further than this one, and if its last event is the store's: as
   * each hash stands for all events before it, the others are then the same too.
   */
  async adopt(store: EventStore, stream: string, saved: SavedTree): Promise<void> {
    if (saved.size <= this.size) return;
    for await (const [hash = ''] of store.hashes(stream, saved.size - 1)) {
      const tree = new TileTree(ledgerHasher, saved);
      if (equalBytes(tree.node(0, saved.size - 1), ledgerLeaf(hash))) this.#tree = tree;
      return;
    }
  }

  /** What a later run can go on from. */
  save(): SavedTree {
    return this.#tree.save();
  }

  /**
   * Reads what no subscription has brought.
   * @param last revision of which the store is believed; by default all that it has
   */
  async fill(store: EventStore, stream: string, last?: number): Promise<void> {
    while ((last ?? (await store.head(stream)).revision) >= this.size) {
      const { size } = this;
      let revision = size;
      for await (const page of store.hashes(stream, revision)) {
        for (const hash of page) if (revision <= (last ?? revision)) this.apply({ revision: revision++, hash });
        if (last !== undefined && revision > last) break;
      }
      if (this.size === size) return;
    }
  }

  /** The root over all events, or over the first so many. @throws NetfoldError `merkle.out_of_range` */
  root(size = this.size): Uint8Array {
    return size === this.size ? this.#tree.root : rootAt(this.#tree, size);
  }

  /** The leaf of an event, as hashed. @throws NetfoldError `merkle.out_of_range` */
  leaf(revision: number): Uint8Array {
    return this.#tree.node(0, revision);
  }

  /** See `inclusionProof`. */
  inclusion(revision: number, size: number): Uint8Array[] {
    return inclusionProof(this.#tree, revision, size);
  }

  /** See `consistencyProof`. */
  consistency(from: number, to: number): Uint8Array[] {
    return consistencyProof(this.#tree, from, to);
  }

  /** See `TileTree.tile`. */
  tile(level: number, index: number, width: number): Uint8Array | undefined {
    return this.#tree.tile(level, index, width);
  }
}
