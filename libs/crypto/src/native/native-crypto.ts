import { createPublicKey, diffieHellman, hash, type KeyObject, sign, verify } from 'node:crypto';
import { concatBytes } from '#kernel';
import { type Aead, type Crypto, KEY_LENGTH } from '../crypto.js';
import { NobleCrypto } from '../noble/noble-crypto.js';
import { ED25519_PRIVATE, ED25519_PUBLIC, KeyObjects, X25519_PRIVATE, X25519_PUBLIC } from './key-objects.js';
import { NativeAead } from './native-aead.js';

const BLAKE2S_BLOCK = 64;

/**
 * The OpenSSL inside node. Keyed BLAKE2s and XChaCha20 are not to be had from it; they stay with noble and are
 * rare (one MAC per handshake message, one cookie per message under load).
 */
export class NativeCrypto extends NobleCrypto implements Crypto {
  override readonly name: string = 'native';
  private readonly dhPrivate = new KeyObjects(X25519_PRIVATE);
  private readonly dhPublic = new KeyObjects(X25519_PUBLIC);
  private readonly signPrivate = new KeyObjects(ED25519_PRIVATE);
  private readonly signPublic = new KeyObjects(ED25519_PUBLIC);

  override dhPublicKey(privateKey: Uint8Array): Uint8Array {
    return publicKeyOf(this.dhPrivate.get(privateKey));
  }

  override dh(privateKey: Uint8Array, publicKey: Uint8Array): Uint8Array | undefined {
    // OpenSSL would take the first 32 bytes of a longer key.
    if (privateKey.length !== KEY_LENGTH || publicKey.length !== KEY_LENGTH) return undefined;
    try {
      return agree(this.dhPrivate.get(privateKey), this.dhPublic.get(publicKey));
    } catch {
      return undefined;
    }
  }

  override signPublicKey(seed: Uint8Array): Uint8Array {
    return publicKeyOf(this.signPrivate.get(seed));
  }

  override sign(seed: Uint8Array, message: Uint8Array): Uint8Array {
    return new Uint8Array(sign(undefined, message, this.signPrivate.get(seed)));
  }

  override verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
    try {
      return verify(undefined, message, this.signPublic.get(publicKey), signature);
    } catch {
      return false;
    }
  }

  override blake2s(...parts: readonly Uint8Array[]): Uint8Array {
    return digest('blake2s256', parts);
  }

  /** By hand from two hashes, which costs half of `createHmac`. */
  override hmac(key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array {
    const inner = new Uint8Array(BLAKE2S_BLOCK).fill(0x36);
    const outer = new Uint8Array(BLAKE2S_BLOCK).fill(0x5c);
    for (let i = 0; i < key.length; i++) {
      inner[i] = 0x36 ^ (key[i] as number);
      outer[i] = 0x5c ^ (key[i] as number);
    }
    const result = this.blake2s(outer, this.blake2s(inner, ...parts));
    inner.fill(0);
    outer.fill(0);
    return result;
  }

  override sha256(...parts: readonly Uint8Array[]): Uint8Array {
    return digest('sha256', parts);
  }

  override aead(key: Uint8Array): Aead {
    return new NativeAead(key);
  }

  override wipe(...secrets: readonly Uint8Array[]): void {
    for (const secret of secrets) {
      this.dhPrivate.forget(secret);
      this.signPrivate.forget(secret);
    }
    super.wipe(...secrets);
  }
}

/** OpenSSL computes the public key when it imports a private one; as a JWK it comes out fastest. */
const publicKeyOf = (privateKey: KeyObject): Uint8Array =>
  new Uint8Array(Buffer.from(createPublicKey(privateKey).export({ format: 'jwk' }).x ?? '', 'base64url'));

const agree = (privateKey: KeyObject, publicKey: KeyObject): Uint8Array =>
  new Uint8Array(diffieHellman({ privateKey, publicKey }));

function digest(algorithm: string, parts: readonly Uint8Array[]): Uint8Array {
  const data = parts.length === 1 ? (parts[0] as Uint8Array) : concatBytes(...parts);
  return new Uint8Array(hash(algorithm, data, 'buffer'));
}
