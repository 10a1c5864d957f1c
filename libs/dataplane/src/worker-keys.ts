import { type KeyPair, NobleCrypto } from '#crypto';
import { equalBytes } from '#kernel';
import { REJECT_AFTER_TIME } from '#wireguard';
import type { Change } from './worker/protocol.js';

const crypto = new NobleCrypto();
/** Former keys that an engine answers under at most. */
const MOST_FORMER = 3;

export type KeyChange = Extract<Change, { readonly call: 'setPrivateKey' | 'rotatePrivateKey' | 'retireIdentity' }>;

interface NotedKey extends KeyPair {
  /** Milliseconds of the clock; Infinity for the current one. */
  retiresAt: number;
}

/** The keys that a worker answers under, each for as long as it was to: former ones are forgotten when they retire. */
export class WorkerKeys {
  /** The current one last. */
  #keys: NotedKey[] = [];

  /** @param monotonic milliseconds of a clock that never goes back */
  constructor(readonly monotonic: () => number) {}

  get current(): Uint8Array | undefined {
    const key = this.#keys.at(-1);
    return key && Uint8Array.from(key.privateKey);
  }

  note({ call, words }: KeyChange): void {
    if (call === 'setPrivateKey') this.#set(words[0]);
    else if (call === 'rotatePrivateKey') this.#rotate(words[0], words[1] ?? REJECT_AFTER_TIME);
    else this.#retire(words[0], words[1] ?? 0);
    this.#forgetRetired();
  }

  /** What tells another worker all of them, and how long each former one is still good. */
  replay(): KeyChange[] {
    this.#forgetRetired();
    const now = this.monotonic();
    return this.#keys.map(({ privateKey }, index): KeyChange => {
      const former = this.#keys[index - 1];
      if (!former) return { call: 'setPrivateKey', words: [privateKey] };
      return { call: 'rotatePrivateKey', words: [privateKey, former.retiresAt - now] };
    });
  }

  /** The same key again changes nothing. */
  #set(privateKey: Uint8Array): void {
    if (this.current && equalBytes(this.current, privateKey)) return;
    for (const former of this.#keys.splice(0)) former.privateKey.fill(0);
    if (privateKey.some((byte) => byte !== 0)) this.#add(privateKey);
  }

  #rotate(privateKey: Uint8Array, overlap: number): void {
    const former = this.#keys.at(-1);
    if (former) former.retiresAt = this.monotonic() + overlap;
    this.#add(privateKey);
    for (const crowdedOut of this.#keys.slice(0, -1 - MOST_FORMER)) crowdedOut.retiresAt = Number.NEGATIVE_INFINITY;
  }

  #retire(publicKey: Uint8Array, delay: number): void {
    const key = this.#keys.slice(0, -1).find((former) => equalBytes(former.publicKey, publicKey));
    if (key) key.retiresAt = this.monotonic() + delay;
  }

  #add(key: Uint8Array): void {
    const privateKey = Uint8Array.from(key);
    const publicKey = crypto.dhPublicKey(privateKey);
    this.#keys.push({ privateKey, publicKey, retiresAt: Number.POSITIVE_INFINITY });
  }

  #forgetRetired(): void {
    const now = this.monotonic();
    for (const { privateKey, retiresAt } of this.#keys) if (retiresAt <= now) privateKey.fill(0);
    this.#keys = this.#keys.filter(({ retiresAt }) => retiresAt > now);
  }
}
