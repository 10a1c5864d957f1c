import { chacha20poly1305 } from '@noble/ciphers/chacha.js';
import { writeCounterNonce } from '../counter-nonce.js';
import { type Aead, TAG_LENGTH } from '../crypto.js';

export class NobleAead implements Aead {
  private readonly key: Uint8Array;
  private readonly nonce = new Uint8Array(12);

  constructor(key: Uint8Array) {
    this.key = Uint8Array.from(key);
  }

  seal(counter: number, plaintext: Uint8Array, output: Uint8Array, associated?: Uint8Array): void {
    writeCounterNonce(this.nonce, counter);
    chacha20poly1305(this.key, this.nonce, associated).encrypt(plaintext, output);
  }

  open(counter: number, sealed: Uint8Array, output: Uint8Array, associated?: Uint8Array): boolean {
    writeCounterNonce(this.nonce, counter);
    try {
      chacha20poly1305(this.key, this.nonce, associated).decrypt(sealed, output);
      return true;
    } catch {
      return false;
    }
  }

  sealInPlace(counter: number, buffer: Uint8Array, start: number, end: number): void {
    this.seal(counter, buffer.subarray(start, end), buffer.subarray(start, end + TAG_LENGTH));
  }

  openInPlace(counter: number, buffer: Uint8Array, start: number, end: number): boolean {
    return this.open(counter, buffer.subarray(start, end), buffer.subarray(start, end - TAG_LENGTH));
  }

  wipe(): void {
    this.key.fill(0);
  }
}
