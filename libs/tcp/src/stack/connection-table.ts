import { type Address, compareAddresses } from '#net';
import type { Flow } from '../connection/flow.js';

interface Keyed {
  readonly flow: Flow;
}

/** Finds connections by their four numbers. The seed keeps peers from choosing numbers that meet in one bucket. */
export class ConnectionTable<T extends Keyed> {
  readonly #buckets = new Map<number, T[]>();
  #count = 0;

  /** @param seed random, 32 bits */
  constructor(readonly seed: number) {}

  get count(): number {
    return this.#count;
  }

  *[Symbol.iterator](): Iterator<T> {
    for (const bucket of this.#buckets.values()) yield* bucket;
  }

  find(local: Address, localPort: number, remote: Address, remotePort: number): T | undefined {
    const bucket = this.#buckets.get(this.#hash(local, localPort, remote, remotePort));
    return bucket?.find(
      ({ flow }) =>
        flow.remote.port === remotePort &&
        flow.local.port === localPort &&
        compareAddresses(flow.remote.address, remote) === 0 &&
        compareAddresses(flow.local.address, local) === 0,
    );
  }

  add(item: T): void {
    const key = this.#keyOf(item);
    const bucket = this.#buckets.get(key);
    if (bucket) bucket.push(item);
    else this.#buckets.set(key, [item]);
    this.#count++;
  }

  delete(item: T): void {
    const key = this.#keyOf(item);
    const bucket = this.#buckets.get(key);
    const index = bucket?.indexOf(item) ?? -1;
    if (!bucket || index < 0) return;
    bucket.splice(index, 1);
    if (bucket.length === 0) this.#buckets.delete(key);
    this.#count--;
  }

  #keyOf({ flow: { local, remote } }: T): number {
    return this.#hash(local.address, local.port, remote.address, remote.port);
  }

  #hash(local: Address, localPort: number, remote: Address, remotePort: number): number {
    return hashAddress(hashAddress(mix(this.seed ^ ((localPort << 16) | remotePort)), local), remote);
  }
}

function hashAddress(seed: number, address: Address): number {
  let hash = seed;
  for (let i = 0; i + 3 < address.length; i += 4) {
    const word =
      ((address[i] as number) << 24) |
      ((address[i + 1] as number) << 16) |
      ((address[i + 2] as number) << 8) |
      (address[i + 3] as number);
    hash = mix(hash ^ word);
  }
  return hash;
}

/** MurmurHash3's finaliser: every bit of the input reaches every bit of the output. */
function mix(value: number): number {
  let hash = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
