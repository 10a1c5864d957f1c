import { z } from 'zod';
import { type Crypto, type KeyPair, newDhKeyPair, newSigningKeyPair } from '#crypto';
import type { StateDirectory } from '#host';
import { fromBase64, type Random, toBase64 } from '#kernel';
import { JsonFile } from './json-file.js';

const Secret = z.string().refine((text) => fromBase64(text)?.length === 32);
const Secrets = z.object({ machine: Secret, node: Secret, next: Secret.optional(), disco: Secret.optional() });
type Secrets = z.infer<typeof Secrets>;

/**
 * The private keys of this machine: the Ed25519 machine key, its identity towards the control plane, the X25519 node key,
 * its WireGuard identity, and the X25519 disco key, by which peers know it when they look for a path to it. They never
 * leave the state directory.
 *
 * A rotation stages its key on the disk before it asks for it: whatever crashes when, the key that the ledger names
 * is one of the two that are kept.
 */
export class KeyStore {
  private constructor(
    readonly crypto: Crypto,
    readonly random: Random,
    readonly file: JsonFile<Secrets>,
  ) {}

  /**
   * Opens the keys, or makes them on the first start.
   * @throws NetfoldError `agent.state_corrupt`
   */
  static async open(directory: StateDirectory, crypto: Crypto, random: Random): Promise<KeyStore> {
    const machine = toBase64(newSigningKeyPair(crypto, random).privateKey);
    const node = toBase64(newDhKeyPair(crypto, random).privateKey);
    const disco = toBase64(newDhKeyPair(crypto, random).privateKey);
    const file = await JsonFile.open(directory, 'keys.json', Secrets, { machine, node });
    await file.save({ disco, ...file.value }); // a file of before there were disco keys has none
    return new KeyStore(crypto, random, file);
  }

  get machine(): KeyPair {
    const privateKey = bytes(this.file.value.machine);
    return { privateKey, publicKey: this.crypto.signPublicKey(privateKey) };
  }

  /** The key that the tailnet knows. */
  get node(): KeyPair {
    return this.#pair(this.file.value.node);
  }

  get disco(): KeyPair {
    return this.#pair(this.file.value.disco ?? '');
  }

  /** The key of a rotation under way. */
  get next(): KeyPair | undefined {
    const { next } = this.file.value;
    return next ? this.#pair(next) : undefined;
  }

  /** A new node key, kept on the disk beside the current one until `promote` or `discard`. */
  async stage(): Promise<KeyPair> {
    const pair = newDhKeyPair(this.crypto, this.random);
    await this.file.save({ ...this.file.value, next: toBase64(pair.privateKey) });
    return pair;
  }

  /** The staged key is the node's from now on. */
  async promote(): Promise<void> {
    const { next, ...kept } = this.file.value;
    await this.file.save({ ...kept, node: next ?? kept.node });
  }

  /** The staged key was not taken. */
  async discard(): Promise<void> {
    const { next: _, ...kept } = this.file.value;
    await this.file.save(kept);
  }

  #pair(text: string): KeyPair {
    const privateKey = bytes(text);
    return { privateKey, publicKey: this.crypto.dhPublicKey(privateKey) };
  }
}

// The schema has seen to it that the text is base64.
const bytes = (text: string): Uint8Array => fromBase64(text) as Uint8Array;
