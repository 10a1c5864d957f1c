import { createHash } from 'node:crypto';
import type { JsonValue } from '#kernel';
import { isRegisterChanged, type Registers } from '../registers.js';

/** How many registers the records of a collection are spread over, unless it is to be more. */
const BUCKETS = 64;

/** What a record becomes. */
export interface Next<V> {
  readonly value: V;
  /** Milliseconds since the Unix epoch; then it is not there any more. Without it stays. */
  readonly expiresAt?: number;
}

/** Of records by key: when each ends, 0 if it does not, and what it is. */
type Bucket<V> = { readonly [key: string]: readonly [expiresAt: number, value: V] };

/**
 * Many small records that replicas share, each found by its key and changed by whoever has seen it as it is. They lie in a
 * fixed number of registers, so that a store that keeps the name of every register for ever has few of them; what has
 * expired goes with the next write beside it.
 */
export class Records<V extends JsonValue> {
  /**
   * @param name of the collection, which the names of its registers begin with
   * @param now milliseconds since the Unix epoch
   * @param buckets how many registers they are spread over, at most 65 536; it stays the same for good
   */
  constructor(
    private readonly registers: Registers,
    private readonly name: string,
    private readonly now: () => number,
    private readonly buckets = BUCKETS,
  ) {}

  /** The record as it is now; undefined when there is none. */
  async find(key: string): Promise<V | undefined> {
    return (await this.bucket(this.bucketOf(key))).get(key);
  }

  /**
   * Changes a record.
   * @param change what becomes of it, by what it is: called again when somebody else was faster. `'gone'` removes it,
   * undefined leaves it as it is; what it throws ends the attempt
   * @returns what it was before
   */
  async update(key: string, change: (known: V | undefined) => Next<V> | 'gone' | undefined): Promise<V | undefined> {
    const register = this.#register(this.bucketOf(key));
    for (;;) {
      const { version, records } = await this.#read(register);
      const known = records.get(key)?.[1];
      const next = change(known);
      if (next === undefined || (next === 'gone' && known === undefined)) return known;
      if (next === 'gone') records.delete(key);
      else records.set(key, [next.expiresAt ?? 0, next.value]);
      try {
        await this.registers.write(register, version, JSON.stringify(Object.fromEntries(records)));
        return known;
      } catch (error) {
        if (!isRegisterChanged(error)) throw error;
      }
    }
  }

  /** All records, by key. */
  async all(): Promise<ReadonlyMap<string, V>> {
    const names = await this.registers.names(`${this.name}/`);
    const read = await Promise.all(names.map((register) => this.#read(register)));
    return new Map(read.flatMap(({ records }) => [...records].map(([key, [, value]]) => [key, value] as const)));
  }

  /** Those of one bucket, by key. @param bucket as `bucketOf` */
  async bucket(bucket: number): Promise<ReadonlyMap<string, V>> {
    const { records } = await this.#read(this.#register(bucket));
    return new Map([...records].map(([key, [, value]]) => [key, value]));
  }

  bucketOf(key: string): number {
    return createHash('sha256').update(key).digest().readUInt16BE() % this.buckets;
  }

  async #read(
    register: string,
  ): Promise<{ readonly version: number; readonly records: Map<string, Bucket<V>[string]> }> {
    const found = await this.registers.read(register);
    if (!found) return { version: -1, records: new Map() };
    const now = this.now();
    const all = Object.entries(JSON.parse(found.value) as Bucket<V>);
    return {
      version: found.version,
      records: new Map(all.filter(([, [expiresAt]]) => expiresAt === 0 || expiresAt > now)),
    };
  }

  #register(bucket: number): string {
    return `${this.name}/${bucket}`;
  }
}
