import type { Crypto } from './crypto.js';

const BYTE_1 = Uint8Array.of(1);
const BYTE_2 = Uint8Array.of(2);
const BYTE_3 = Uint8Array.of(3);
const NOTHING = new Uint8Array();

/** One 32-byte key from `key` and `input` (WireGuard paper, 5.4 "KDF_n"; HKDF of RFC 5869). */
export function kdf1(crypto: Crypto, key: Uint8Array, input: Uint8Array): Uint8Array {
  return expand(crypto, crypto.hmac(key, input), 1)[0] as Uint8Array;
}

/** Two 32-byte keys from `key` and `input` (WireGuard paper, 5.4 "KDF_n"). */
export function kdf2(crypto: Crypto, key: Uint8Array, input: Uint8Array): [Uint8Array, Uint8Array] {
  return expand(crypto, crypto.hmac(key, input), 2) as [Uint8Array, Uint8Array];
}

/** Three 32-byte keys from `key` and `input` (WireGuard paper, 5.4 "KDF_n"). */
export function kdf3(crypto: Crypto, key: Uint8Array, input: Uint8Array): [Uint8Array, Uint8Array, Uint8Array] {
  return expand(crypto, crypto.hmac(key, input), 3) as [Uint8Array, Uint8Array, Uint8Array];
}

function expand(crypto: Crypto, secret: Uint8Array, count: 1 | 2 | 3): Uint8Array[] {
  const keys: Uint8Array[] = [];
  let last: Uint8Array = NOTHING;
  for (const index of [BYTE_1, BYTE_2, BYTE_3].slice(0, count)) {
    last = crypto.hmac(secret, last, index);
    keys.push(last);
  }
  crypto.wipe(secret);
  return keys;
}
