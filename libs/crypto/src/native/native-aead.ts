import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject } from 'node:crypto';
import { writeCounterNonce } from '../counter-nonce.js';
import { type Aead, KEY_LENGTH, TAG_LENGTH } from '../crypto.js';

const ALGORITHM = 'chacha20-poly1305';
const NO_KEY = createSecretKey(new Uint8Array(KEY_LENGTH));
const OPTIONS = { authTagLength: TAG_LENGTH } as const;

export class NativeAead implements Aead {
  private key: KeyObject;
  private readonly nonce = new Uint8Array(12);

  constructor(key: Uint8Array) {
    this.key = createSecretKey(key);
  }

  seal(counter: number, plaintext: Uint8Array, output: Uint8Array, associated?: Uint8Array): void {
    writeCounterNonce(this.nonce, counter);
    const cipher = createCipheriv(ALGORITHM, this.key, this.nonce, OPTIONS);
    if (associated) cipher.setAAD(associated, { plaintextLength: plaintext.length });
    output.set(cipher.update(plaintext));
    cipher.final();
    output.set(cipher.getAuthTag(), output.length - TAG_LENGTH);
  }

  open(counter: number, sealed: Uint8Array, output: Uint8Array, associated?: Uint8Array): boolean {
    if (sealed.length < TAG_LENGTH) return false;
    writeCounterNonce(this.nonce, counter);
    const length = sealed.length - TAG_LENGTH;
    const decipher = createDecipheriv(ALGORITHM, this.key, this.nonce, OPTIONS);
    decipher.setAuthTag(sealed.subarray(length));
    if (associated) decipher.setAAD(associated, { plaintextLength: length });
    const plaintext = decipher.update(sealed.subarray(0, length));
    try {
      decipher.final();
    } catch {
      return false;
    }
    output.set(plaintext);
    return true;
  }

  sealInPlace(counter: number, buffer: Uint8Array, start: number, end: number): void {
    this.seal(counter, buffer.subarray(start, end), buffer.subarray(start, end + TAG_LENGTH));
  }

  openInPlace(counter: number, buffer: Uint8Array, start: number, end: number): boolean {
    return this.open(counter, buffer.subarray(start, end), buffer.subarray(start, end - TAG_LENGTH));
  }

  /** The last reference goes, and OpenSSL cleanses the key when it is collected. */
  wipe(): void {
    this.key = NO_KEY;
  }
}
