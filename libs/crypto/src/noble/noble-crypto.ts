import { xchacha20poly1305 } from '@noble/ciphers/chacha.js';
import { ed25519, x25519 } from '@noble/curves/ed25519.js';
import { blake2s } from '@noble/hashes/blake2.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import type { Aead, Crypto } from '../crypto.js';
import { NobleAead } from './noble-aead.js';

/** The reference: audited pure JavaScript that runs anywhere and holds nothing back. */
export class NobleCrypto implements Crypto {
  readonly name: string = 'noble';

  dhPublicKey(privateKey: Uint8Array): Uint8Array {
    return x25519.getPublicKey(privateKey);
  }

  dh(privateKey: Uint8Array, publicKey: Uint8Array): Uint8Array | undefined {
    try {
      return x25519.getSharedSecret(privateKey, publicKey);
    } catch {
      return undefined;
    }
  }

  signPublicKey(seed: Uint8Array): Uint8Array {
    return ed25519.getPublicKey(seed);
  }

  sign(seed: Uint8Array, message: Uint8Array): Uint8Array {
    return ed25519.sign(message, seed);
  }

  verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
    try {
      return ed25519.verify(signature, message, publicKey, { zip215: false });
    } catch {
      return false;
    }
  }

  blake2s(...parts: readonly Uint8Array[]): Uint8Array {
    return digest(blake2s.create(), parts);
  }

  mac(key: Uint8Array, data: Uint8Array): Uint8Array {
    return blake2s(data, { key, dkLen: 16 });
  }

  hmac(key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array {
    return digest(hmac.create(blake2s, key), parts);
  }

  sha256(...parts: readonly Uint8Array[]): Uint8Array {
    return digest(sha256.create(), parts);
  }

  aead(key: Uint8Array): Aead {
    return new NobleAead(key);
  }

  xseal(key: Uint8Array, nonce: Uint8Array, plaintext: Uint8Array, associated: Uint8Array): Uint8Array {
    return xchacha20poly1305(key, nonce, associated).encrypt(plaintext);
  }

  xopen(key: Uint8Array, nonce: Uint8Array, sealed: Uint8Array, associated: Uint8Array): Uint8Array | undefined {
    try {
      return xchacha20poly1305(key, nonce, associated).decrypt(sealed);
    } catch {
      return undefined;
    }
  }

  wipe(...secrets: readonly Uint8Array[]): void {
    for (const secret of secrets) secret.fill(0);
  }
}

interface Hasher {
  update(part: Uint8Array): unknown;
  digest(): Uint8Array;
}

function digest(hasher: Hasher, parts: readonly Uint8Array[]): Uint8Array {
  for (const part of parts) hasher.update(part);
  return hasher.digest();
}
