import { type Crypto, kdf1, kdf2, kdf3, TAG_LENGTH } from '#crypto';
import { CONSTRUCTION, IDENTIFIER } from '../constants.js';

const NOTHING = new Uint8Array();

/** The chaining key C and the hash H that both sides of a handshake carry along (5.4.2 and 5.4.3). */
export class SymmetricState {
  private constructor(
    private readonly crypto: Crypto,
    private chainingKey: Uint8Array,
    private hash: Uint8Array,
  ) {}

  /** C and H as they are before the first message to this responder. */
  static start(crypto: Crypto, responderPublic: Uint8Array): SymmetricState {
    const chainingKey = crypto.blake2s(CONSTRUCTION);
    const hash = crypto.blake2s(crypto.blake2s(chainingKey, IDENTIFIER), responderPublic);
    return new SymmetricState(crypto, chainingKey, hash);
  }

  clone(): SymmetricState {
    return new SymmetricState(this.crypto, Uint8Array.from(this.chainingKey), Uint8Array.from(this.hash));
  }

  /** C := KDF1(C, E); H := HASH(H, E), for a public ephemeral key. */
  mixEphemeral(ephemeral: Uint8Array): void {
    this.mixSecret(ephemeral);
    this.mixHash(ephemeral);
  }

  /** C := KDF1(C, secret). */
  mixSecret(secret: Uint8Array): void {
    this.replaceChainingKey(kdf1(this.crypto, this.chainingKey, secret));
  }

  /** (C, k) := KDF2(C, secret); yields k. */
  mixKey(secret: Uint8Array): Uint8Array {
    const [chainingKey, key] = kdf2(this.crypto, this.chainingKey, secret);
    this.replaceChainingKey(chainingKey);
    return key;
  }

  /** (C, t, k) := KDF3(C, Q); H := HASH(H, t); yields k. */
  mixPresharedKey(presharedKey: Uint8Array): Uint8Array {
    const [chainingKey, mixed, key] = kdf3(this.crypto, this.chainingKey, presharedKey);
    this.replaceChainingKey(chainingKey);
    this.mixHash(mixed);
    this.crypto.wipe(mixed);
    return key;
  }

  /** AEAD(k, 0, plaintext, H) into `output`, which is then hashed. The key is used up. */
  seal(key: Uint8Array, plaintext: Uint8Array, output: Uint8Array): void {
    const aead = this.crypto.aead(key);
    aead.seal(0, plaintext, output, this.hash);
    aead.wipe();
    this.crypto.wipe(key);
    this.mixHash(output);
  }

  /** The plaintext of `seal`, or undefined when it is not what the other side sealed. The key is used up. */
  open(key: Uint8Array, sealed: Uint8Array): Uint8Array | undefined {
    const plaintext = new Uint8Array(sealed.length - TAG_LENGTH);
    const aead = this.crypto.aead(key);
    const good = aead.open(0, sealed, plaintext, this.hash);
    aead.wipe();
    this.crypto.wipe(key);
    if (!good) return undefined;
    this.mixHash(sealed);
    return plaintext;
  }

  /** The two transport keys, the initiator's sending key first (5.4.5). The state is used up. */
  split(): [Uint8Array, Uint8Array] {
    const keys = kdf2(this.crypto, this.chainingKey, NOTHING);
    this.wipe();
    return keys;
  }

  wipe(): void {
    this.crypto.wipe(this.chainingKey, this.hash);
  }

  private mixHash(data: Uint8Array): void {
    this.hash = this.crypto.blake2s(this.hash, data);
  }

  private replaceChainingKey(next: Uint8Array): void {
    this.crypto.wipe(this.chainingKey);
    this.chainingKey = next;
  }
}
