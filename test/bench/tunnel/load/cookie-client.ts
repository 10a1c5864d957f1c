import { NativeCrypto } from '#crypto/native';
import { utf8 } from '#kernel';

// WireGuard paper, 5.4.2, 5.4.4 and 5.4.7.
export const INITIATION_LENGTH = 148;
const MAC1 = 116;
const MAC2 = 132;
const NONCE = 8;
const COOKIE = 32;

const crypto = new NativeCrypto();

/** The side of cookies that sends initiations to one responder. */
export class CookieClient {
  readonly #mac1Key: Uint8Array;
  readonly #cookieKey: Uint8Array;

  constructor(responder: Uint8Array) {
    this.#mac1Key = crypto.blake2s(utf8('mac1----'), responder);
    this.#cookieKey = crypto.blake2s(utf8('cookie--'), responder);
  }

  /** The cookie that the reply to an initiation holds. */
  open(reply: Uint8Array, initiation: Uint8Array): Uint8Array | undefined {
    const mac1 = initiation.subarray(MAC1, MAC2);
    return crypto.xopen(this.#cookieKey, reply.subarray(NONCE, COOKIE), reply.subarray(COOKIE), mac1);
  }

  /** Writes the MAC that says that its sender was given a cookie. */
  stamp(initiation: Uint8Array, cookie: Uint8Array): void {
    initiation.set(crypto.mac(cookie, initiation.subarray(0, MAC2)), MAC2);
  }

  /** Makes an initiation of which only the first MAC is right: what anybody can send who knows the public key. */
  disguise(initiation: Uint8Array): void {
    initiation.set([1, 0, 0, 0]);
    initiation.set(crypto.mac(this.#mac1Key, initiation.subarray(0, MAC1)), MAC1);
  }
}
