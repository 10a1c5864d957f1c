/** Length in bytes of every key, public or private, and of every hash here. */
export const KEY_LENGTH = 32;
/** Length in bytes of a Poly1305 tag. */
export const TAG_LENGTH = 16;

/** ChaCha20-Poly1305 under one key, with nonces that count (RFC 8439; WireGuard paper, 5.4 "AEAD"). */
export interface Aead {
  /**
   * Encrypts `plaintext` and appends its tag.
   *
   * @param counter the nonce, 0 to 2^53 - 1; never the same twice under one key
   * @param output exactly `plaintext.length + 16` bytes; may begin where `plaintext` begins
   */
  seal(counter: number, plaintext: Uint8Array, output: Uint8Array, associated?: Uint8Array): void;
  /**
   * Decrypts `sealed` (ciphertext, then tag).
   *
   * @param output exactly `sealed.length - 16` bytes; may begin where `sealed` begins
   * @returns false when the tag does not fit; what `output` holds then is undefined and must not be used
   */
  open(counter: number, sealed: Uint8Array, output: Uint8Array, associated?: Uint8Array): boolean;
  /**
   * `seal` of `buffer[start, end)` in place: the tag comes behind it, at `end`. For a packet path, which has no use for
   * views of its memory.
   */
  sealInPlace(counter: number, buffer: Uint8Array, start: number, end: number): void;
  /** `open` of `buffer[start, end)` in place: the plaintext begins at `start` and is 16 bytes shorter. */
  openInPlace(counter: number, buffer: Uint8Array, start: number, end: number): boolean;
  /** Looks at its key, which may lie far away in memory: the next message finds it near. What it yields says nothing. */
  prefetch?(): number;
  /** Gives up the key; neither `seal` nor `open` may be called afterwards. */
  wipe(): void;
}

/**
 * The primitives that netfold uses, behind one interface. All keys are 32 bytes, and a provider may remember the
 * imported form of a key array: do not change the bytes of a key in use, and `wipe` a secret that is done with.
 */
export interface Crypto {
  /** What implements it, for logs: `noble`, `native`. */
  readonly name: string;

  /** The X25519 public key of a private key, which needs no clamping (RFC 7748, 6.1). */
  dhPublicKey(privateKey: Uint8Array): Uint8Array;
  /** X25519 (RFC 7748, 5); undefined when the result is all zero, that is for a public key of low order. */
  dh(privateKey: Uint8Array, publicKey: Uint8Array): Uint8Array | undefined;

  /** The Ed25519 public key of a 32-byte seed (RFC 8032, 5.1.5). */
  signPublicKey(seed: Uint8Array): Uint8Array;
  /** The Ed25519 signature, 64 bytes (RFC 8032, 5.1.6). */
  sign(seed: Uint8Array, message: Uint8Array): Uint8Array;
  /** Whether an Ed25519 signature is good; malformed keys and signatures are simply not (RFC 8032, 5.1.7). */
  verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;

  /** BLAKE2s-256 of the parts in a row (RFC 7693). */
  blake2s(...parts: readonly Uint8Array[]): Uint8Array;
  /** Keyed BLAKE2s with a 16-byte result (RFC 7693, 2.9; WireGuard paper, 5.4 "MAC"). */
  mac(key: Uint8Array, data: Uint8Array): Uint8Array;
  /** HMAC-BLAKE2s of the parts in a row, 32 bytes; the key has at most 64 (RFC 2104; WireGuard paper, 5.4 "HMAC"). */
  hmac(key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array;
  /** SHA-256 of the parts in a row (FIPS 180-4). */
  sha256(...parts: readonly Uint8Array[]): Uint8Array;

  /** A cipher that holds its own copy of the key. */
  aead(key: Uint8Array): Aead;
  /** XChaCha20-Poly1305: ciphertext and tag (draft-irtf-cfrg-xchacha; WireGuard paper, 5.4 "XAEAD"). Nonce: 24 bytes. */
  xseal(key: Uint8Array, nonce: Uint8Array, plaintext: Uint8Array, associated: Uint8Array): Uint8Array;
  /** The plaintext of `xseal`, or undefined when the tag does not fit. */
  xopen(key: Uint8Array, nonce: Uint8Array, sealed: Uint8Array, associated: Uint8Array): Uint8Array | undefined;

  /** Overwrites secrets with zeros and forgets what was remembered for them. */
  wipe(...secrets: readonly Uint8Array[]): void;
}
