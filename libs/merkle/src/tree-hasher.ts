/** SHA-256 of one piece of data, 32 bytes; `Crypto.sha256` is one. */
export type Sha256 = (data: Uint8Array) => Uint8Array;

/** Length in bytes of every hash of a tree. */
export const HASH_LENGTH = 32;

const LEAF = 0x00;
const NODE = 0x01;

/** The hashes of a Merkle tree (RFC 9162, 2.1.1): leaves and nodes are kept apart by their first byte. */
export class TreeHasher {
  // One for all nodes: a tree makes millions of them.
  readonly #pair = new Uint8Array(1 + 2 * HASH_LENGTH);

  constructor(private readonly sha256: Sha256) {
    this.#pair[0] = NODE;
  }

  /** The root of a tree without leaves. */
  get empty(): Uint8Array {
    return this.sha256(new Uint8Array());
  }

  /** The hash of a leaf: SHA-256(0x00 ‖ data). */
  leaf(data: Uint8Array): Uint8Array {
    const bytes = new Uint8Array(1 + data.length);
    bytes[0] = LEAF;
    bytes.set(data, 1);
    return this.sha256(bytes);
  }

  /** The hash of a node above two others: SHA-256(0x01 ‖ left ‖ right). */
  node(left: Uint8Array, right: Uint8Array): Uint8Array {
    this.#pair.set(left, 1);
    this.#pair.set(right, 1 + HASH_LENGTH);
    return this.sha256(this.#pair);
  }
}
