import type { TreeHasher } from '../tree-hasher.js';

/** The definitions of RFC 9162, 2.1.1, 2.1.3.1 and 2.1.4.1, word for word, over the data of the leaves. */
export class NaiveTree {
  constructor(
    private readonly hasher: TreeHasher,
    private readonly data: readonly Uint8Array[],
  ) {}

  root(data = this.data): Uint8Array {
    const [first, second] = data;
    if (!first) return this.hasher.empty;
    if (!second) return this.hasher.leaf(first);
    const k = split(data.length);
    return this.hasher.node(this.root(data.slice(0, k)), this.root(data.slice(k)));
  }

  path(m: number, data = this.data): Uint8Array[] {
    if (data.length === 1) return [];
    const k = split(data.length);
    return m < k
      ? [...this.path(m, data.slice(0, k)), this.root(data.slice(k))]
      : [...this.path(m - k, data.slice(k)), this.root(data.slice(0, k))];
  }

  proof(m: number): Uint8Array[] {
    return this.#subproof(m, this.data, true);
  }

  #subproof(m: number, data: readonly Uint8Array[], complete: boolean): Uint8Array[] {
    if (m === data.length) return complete ? [] : [this.root(data)];
    const k = split(data.length);
    return m <= k
      ? [...this.#subproof(m, data.slice(0, k), complete), this.root(data.slice(k))]
      : [...this.#subproof(m - k, data.slice(k), false), this.root(data.slice(0, k))];
  }
}

/** The largest power of two smaller than n > 1. */
const split = (n: number): number => 2 ** (32 - Math.clz32(n - 1) - 1);
