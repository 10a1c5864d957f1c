import koffi from 'koffi';

const POINTER = 'size_t';
const library = koffi.load(null);

/**
 * The primitives below OpenSSL's interface, in the library inside node's own program. They are internal to it, and thus
 * free to change or vanish: use them only after a self-test. All take pointers as numbers.
 */
export class PrimitiveLibrary {
  /** ChaCha20 of whole 32-bit words as this machine has them: eight of the key, four of counter and nonce. */
  readonly chacha20: (output: number, input: number, length: number, key: number, counter: number) => void =
    library.func('ChaCha20_ctr32', 'void', [POINTER, POINTER, POINTER, POINTER, POINTER]);
  readonly poly1305Init: (context: number, key: number) => void = library.func('Poly1305_Init', 'void', [
    POINTER,
    POINTER,
  ]);
  readonly poly1305Update: (context: number, input: number, length: number) => void = library.func(
    'Poly1305_Update',
    'void',
    [POINTER, POINTER, POINTER],
  );
  readonly poly1305Final: (context: number, tag: number) => void = library.func('Poly1305_Final', 'void', [
    POINTER,
    POINTER,
  ]);
  readonly poly1305Size: number = library.func('Poly1305_ctx_size', POINTER, [])();
  readonly x25519: (shared: number, privateKey: number, publicKey: number) => number = library.func(
    'ossl_x25519',
    'int',
    [POINTER, POINTER, POINTER],
  );
  readonly x25519PublicKey: (publicKey: number, privateKey: number) => void = library.func(
    'ossl_x25519_public_from_private',
    'void',
    [POINTER, POINTER],
  );
  readonly blake2sParameters: (parameters: number) => void = library.func('ossl_blake2s_param_init', 'void', [POINTER]);
  readonly blake2sSetDigestLength: (parameters: number, length: number) => void = library.func(
    'ossl_blake2s_param_set_digest_length',
    'void',
    [POINTER, 'uint8'],
  );
  readonly blake2sSetKeyLength: (parameters: number, length: number) => void = library.func(
    'ossl_blake2s_param_set_key_length',
    'void',
    [POINTER, 'uint8'],
  );
  readonly blake2sInit: (state: number, parameters: number) => number = library.func('ossl_blake2s_init', 'int', [
    POINTER,
    POINTER,
  ]);
  readonly blake2sInitWithKey: (state: number, parameters: number, key: number) => number = library.func(
    'ossl_blake2s_init_key',
    'int',
    [POINTER, POINTER, POINTER],
  );
  readonly blake2sUpdate: (state: number, input: number, length: number) => number = library.func(
    'ossl_blake2s_update',
    'int',
    [POINTER, POINTER, POINTER],
  );
  readonly blake2sFinal: (output: number, state: number) => number = library.func('ossl_blake2s_final', 'int', [
    POINTER,
    POINTER,
  ]);
}
