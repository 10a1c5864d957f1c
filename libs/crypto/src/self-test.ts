import { equalBytes } from '#kernel';
import type { Crypto } from './crypto.js';
import { kdf3 } from './kdf.js';

type Outcome = Uint8Array | boolean | undefined;
type Check = (crypto: Crypto) => Outcome;

/** Bytes without a pattern that a wrong length, order or endianness could leave unchanged. */
function sample(length: number, seed: number): Uint8Array {
  let state = seed;
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return state >>> 16;
  });
}

const KEY = sample(32, 1);
const OTHER = sample(32, 2);
const NONCE = sample(24, 3);
const ASSOCIATED = sample(32, 4);
/** Around the block sizes of ChaCha20, Poly1305 and BLAKE2s, and a full packet. */
const LENGTHS = [0, 1, 15, 16, 17, 63, 64, 65, 128, 129, 1420];
/** Both halves of the counter, and what only an unsigned reading gets right. */
const COUNTERS = [0, 1, 0x8000_0000, 0xffff_ffff, 0x1_0000_0000, Number.MAX_SAFE_INTEGER];

function sealed(crypto: Crypto, counter: number, length: number, associated?: Uint8Array): Uint8Array {
  const buffer = new Uint8Array(length + 16);
  buffer.set(sample(length, 5));
  crypto.aead(KEY).seal(counter, buffer.subarray(0, length), buffer, associated);
  return buffer;
}

function opened(crypto: Crypto, message: Uint8Array, counter: number, associated?: Uint8Array): Outcome {
  const buffer = Uint8Array.from(message);
  const output = buffer.subarray(0, buffer.length - 16);
  return crypto.aead(KEY).open(counter, buffer, output, associated) && output;
}

/** Amid other bytes, which stay as they are. */
function sealedInPlace(crypto: Crypto, length: number): Uint8Array {
  const buffer = sample(length + 20, 5);
  crypto.aead(KEY).sealInPlace(length, buffer, 1, 1 + length);
  return buffer;
}

function openedInPlace(crypto: Crypto, message: Uint8Array): Outcome {
  const buffer = sample(message.length + 2, 7);
  buffer.set(message, 1);
  return crypto.aead(KEY).openInPlace(7, buffer, 1, 1 + message.length) && buffer.slice(1, 1 + message.length - 16);
}

function flipped(message: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(message);
  copy[copy.length - 1] = (copy[copy.length - 1] as number) ^ 1;
  return copy;
}

const overLengths = (name: string, check: (crypto: Crypto, length: number) => Outcome): [string, Check][] =>
  LENGTHS.map((length) => [`${name} of ${length} bytes`, (crypto) => check(crypto, length)]);

function checks(reference: Crypto): [string, Check][] {
  const publicKey = reference.dhPublicKey(OTHER);
  const signature = reference.sign(KEY, NONCE);
  const signer = reference.signPublicKey(KEY);
  const cookie = reference.xseal(KEY, NONCE, OTHER, ASSOCIATED);
  return [
    ['X25519 public key', (c) => c.dhPublicKey(KEY)],
    ['X25519', (c) => c.dh(KEY, publicKey)],
    ['X25519 with a point of low order', (c) => c.dh(KEY, new Uint8Array(32))],
    ['Ed25519 public key', (c) => c.signPublicKey(KEY)],
    ['Ed25519 sign', (c) => c.sign(KEY, NONCE)],
    ['Ed25519 verify', (c) => c.verify(signer, NONCE, signature)],
    ['Ed25519 verify of a forgery', (c) => c.verify(signer, OTHER, signature)],
    ['BLAKE2s of parts', (c) => c.blake2s(KEY, NONCE, OTHER)],
    ['KDF', (c) => c.blake2s(...kdf3(c, KEY, OTHER))],
    ...overLengths('BLAKE2s', (c, length) => c.blake2s(sample(length, 6))),
    ...overLengths('keyed BLAKE2s', (c, length) => c.mac(KEY, sample(length, 6))),
    ...overLengths('HMAC-BLAKE2s', (c, length) => c.hmac(KEY, sample(length, 6))),
    ...overLengths('SHA-256', (c, length) => c.sha256(sample(length, 6))),
    ...overLengths('seal', (c, length) => sealed(c, length, length, ASSOCIATED)),
    ...overLengths('open', (c, length) => opened(c, sealed(reference, 7, length), 7)),
    ...overLengths('seal in place', (c, length) => sealedInPlace(c, length)),
    ...overLengths('open in place', (c, length) => openedInPlace(c, sealed(reference, 7, length))),
    ...overLengths('open in place of a forgery', (c, length) =>
      openedInPlace(c, flipped(sealed(reference, 7, length))),
    ),
    ...overLengths('open of a forgery', (c, length) => opened(c, flipped(sealed(reference, 7, length)), 7)),
    ['open with other associated data', (c) => opened(c, sealed(reference, 7, 16, ASSOCIATED), 7, OTHER)],
    ...COUNTERS.map((n): [string, Check] => [`seal with counter ${n}`, (c) => sealed(c, n, 64)]),
    ['XChaCha20-Poly1305 seal', (c) => c.xseal(KEY, NONCE, OTHER, ASSOCIATED)],
    ['XChaCha20-Poly1305 open', (c) => c.xopen(KEY, NONCE, cookie, ASSOCIATED)],
    ['XChaCha20-Poly1305 open of a forgery', (c) => c.xopen(KEY, NONCE, flipped(cookie), ASSOCIATED)],
  ];
}

/**
 * Compares every operation of a provider with the reference, on lengths and counters at the edges.
 *
 * @returns the names of the operations that differ or throw; none when the provider may be used
 */
export function selfTest(candidate: Crypto, reference: Crypto): readonly string[] {
  return selfTestAgainst(reference)(candidate);
}

/** `selfTest` of several candidates, for each of which the reference would have to do its work again. */
export function selfTestAgainst(reference: Crypto): (candidate: Crypto) => readonly string[] {
  const examples = checks(reference).map(([name, check]) => ({ name, check, expected: check(reference) }));
  return (candidate) =>
    examples.filter(({ check, expected }) => !agrees(check, candidate, expected)).map(({ name }) => name);
}

function agrees(check: Check, candidate: Crypto, expected: Outcome): boolean {
  try {
    const actual = check(candidate);
    if (actual instanceof Uint8Array && expected instanceof Uint8Array) return equalBytes(actual, expected);
    return actual === expected;
  } catch {
    return false;
  }
}
