import { type EventStore, ledgerHasher, ledgerLeaf } from '#event-store';
import { consistencyProof, inclusionProof, rootAt, TileTree } from '#merkle';

/** An event, as far as the tree over its stream is made of it. */
interface Hashed {
  readonly revision: number;
  readonly hash: string;
}

/** The Merkle tree over one stream, as far as the subscription has come. */
export class LedgerTree {
  readonly #tree = new TileTree(ledgerHasher);

  /** The number of events. */
  get size(): number {
    return this.#tree.size;
  }

  /** Takes the next event. One that comes before its turn is left to `fill`. */
  apply({ revision, hash }: Hashed): void {
    if (revision === this.size) this.#tree.append(ledgerLeaf(hash));
  }

  /** Reads what no subscription has brought. */
  async fill(store: EventStore, stream: string): Promise<void> {
    while ((await store.head(stream)).revision >= this.size) {
      let revision = this.size;
      for await (const page of store.hashes(stream, revision)) {
        for (const hash of page) this.apply({ revision: revision++, hash });
      }
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
