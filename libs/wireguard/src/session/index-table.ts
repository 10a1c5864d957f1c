import type { Random } from '#kernel';
import { readUint32 } from '../little-endian.js';

/** Who owns which receiver index. Indices are random, so that they tell an onlooker nothing (5.4.1). */
export class IndexTable<T> {
  private readonly entries = new Map<number, T>();

  constructor(private readonly random: Random) {}

  /** Stores the owner under an index that is free, and yields the index (32 bits, unsigned). */
  allocate(owner: T): number {
    for (;;) {
      const index = readUint32(this.random.bytes(4), 0);
      if (this.entries.has(index | 0)) continue;
      this.entries.set(index | 0, owner);
      return index;
    }
  }

  /** Puts another owner under an index that is allocated. */
  assign(index: number, owner: T): void {
    this.entries.set(index | 0, owner);
  }

  get(index: number): T | undefined {
    return this.entries.get(index | 0);
  }

  release(index: number): void {
    this.entries.delete(index | 0);
  }

  get size(): number {
    return this.entries.size;
  }
}
