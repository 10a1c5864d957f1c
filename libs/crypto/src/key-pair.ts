import type { Random } from '#kernel';
import { type Crypto, KEY_LENGTH } from './crypto.js';

/** A private key (or Ed25519 seed) and the public key that belongs to it, 32 bytes each. */
export interface KeyPair {
  readonly privateKey: Uint8Array;
  readonly publicKey: Uint8Array;
}

/** A new X25519 key pair. The private key is stored clamped, as `wg genkey` writes it (RFC 7748, 5). */
export function newDhKeyPair(crypto: Crypto, random: Random): KeyPair {
  const privateKey = clamp(random.bytes(KEY_LENGTH));
  return { privateKey, publicKey: crypto.dhPublicKey(privateKey) };
}

/** A new Ed25519 key pair. */
export function newSigningKeyPair(crypto: Crypto, random: Random): KeyPair {
  const privateKey = random.bytes(KEY_LENGTH);
  return { privateKey, publicKey: crypto.signPublicKey(privateKey) };
}

function clamp(scalar: Uint8Array): Uint8Array {
  const key = Uint8Array.from(scalar);
  key[0] = (key[0] as number) & 0xf8;
  key[31] = ((key[31] as number) & 0x7f) | 0x40;
  return key;
}
