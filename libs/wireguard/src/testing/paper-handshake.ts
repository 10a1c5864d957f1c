import { chacha20poly1305 } from '@noble/ciphers/chacha.js';
import { x25519 } from '@noble/curves/ed25519.js';
import { blake2s } from '@noble/hashes/blake2.js';
import { hmac } from '@noble/hashes/hmac.js';
import { concatBytes, utf8 } from '#kernel';

// The handshake as sections 5.4.2, 5.4.3 and 5.4.5 of the paper print it, line by line and by the paper's names,
// sharing nothing with the engine. It is the oracle that the engine's handshake is compared with.

const HASH = (input: Uint8Array): Uint8Array => blake2s(input);
const MAC = (key: Uint8Array, input: Uint8Array): Uint8Array => blake2s(input, { key, dkLen: 16 });
const HMAC = (key: Uint8Array, input: Uint8Array): Uint8Array => hmac(blake2s, key, input);
const DH = (privateKey: Uint8Array, publicKey: Uint8Array): Uint8Array => x25519.getSharedSecret(privateKey, publicKey);
const PUBLIC = (privateKey: Uint8Array): Uint8Array => x25519.getPublicKey(privateKey);
const AEAD = (key: Uint8Array, counter: 0, plain: Uint8Array, auth: Uint8Array): Uint8Array =>
  chacha20poly1305(key, new Uint8Array(12).fill(counter), auth).encrypt(plain);

function KDF(key: Uint8Array, input: Uint8Array): [Uint8Array, Uint8Array, Uint8Array] {
  const t0 = HMAC(key, input);
  const t1 = HMAC(t0, Uint8Array.of(1));
  const t2 = HMAC(t0, concatBytes(t1, Uint8Array.of(2)));
  const t3 = HMAC(t0, concatBytes(t2, Uint8Array.of(3)));
  return [t1, t2, t3];
}

const index = (number: number): Uint8Array =>
  Uint8Array.of(number & 255, (number >> 8) & 255, (number >> 16) & 255, number >>> 24);

/** Private keys and everything else that is chosen freely in one handshake. */
export interface Script {
  readonly initiatorStatic: Uint8Array;
  readonly initiatorEphemeral: Uint8Array;
  readonly initiatorIndex: number;
  readonly responderStatic: Uint8Array;
  readonly responderEphemeral: Uint8Array;
  readonly responderIndex: number;
  readonly presharedKey: Uint8Array;
  readonly timestamp: Uint8Array;
}

/** Both messages with mac1 and a zero mac2, and the two transport keys, the initiator's sending key first. */
export function paperHandshake(script: Script): {
  initiation: Uint8Array;
  response: Uint8Array;
  keys: [Uint8Array, Uint8Array];
} {
  const Si = PUBLIC(script.initiatorStatic);
  const Sr = PUBLIC(script.responderStatic);
  const Ei = PUBLIC(script.initiatorEphemeral);
  const Er = PUBLIC(script.responderEphemeral);
  let k: Uint8Array;

  let C = HASH(utf8('Noise_IKpsk2_25519_ChaChaPoly_BLAKE2s'));
  let H = HASH(concatBytes(C, utf8('WireGuard v1 zx2c4 Jason@zx2c4.com')));
  H = HASH(concatBytes(H, Sr));
  [C] = KDF(C, Ei);
  H = HASH(concatBytes(H, Ei));
  [C, k] = KDF(C, DH(script.initiatorEphemeral, Sr));
  const sealedStatic = AEAD(k, 0, Si, H);
  H = HASH(concatBytes(H, sealedStatic));
  [C, k] = KDF(C, DH(script.initiatorStatic, Sr));
  const sealedTimestamp = AEAD(k, 0, script.timestamp, H);
  H = HASH(concatBytes(H, sealedTimestamp));
  const first = concatBytes(index(1), index(script.initiatorIndex), Ei, sealedStatic, sealedTimestamp);
  const initiation = concatBytes(first, MAC(HASH(concatBytes(utf8('mac1----'), Sr)), first), new Uint8Array(16));

  [C] = KDF(C, Er);
  H = HASH(concatBytes(H, Er));
  [C] = KDF(C, DH(script.responderEphemeral, Ei));
  [C] = KDF(C, DH(script.responderEphemeral, Si));
  let t = C;
  [C, t, k] = KDF(C, script.presharedKey);
  H = HASH(concatBytes(H, t));
  const empty = AEAD(k, 0, new Uint8Array(), H);
  const second = concatBytes(index(2), index(script.responderIndex), index(script.initiatorIndex), Er, empty);
  const response = concatBytes(second, MAC(HASH(concatBytes(utf8('mac1----'), Si)), second), new Uint8Array(16));

  const [send, receive] = KDF(C, new Uint8Array());
  return { initiation, response, keys: [send, receive] };
}
