import koffi from 'koffi';

const POINTER = 'size_t';
const library = koffi.load(null);

type Init = (context: number, cipher: number, engine: number, key: number, iv: number) => number;
type Update = (context: number, output: number, written: number, input: number, length: number) => number;
type Final = (context: number, output: number, written: number) => number;

/** EVP_CTRL_AEAD_GET_TAG and EVP_CTRL_AEAD_SET_TAG of openssl/evp.h. */
export const GET_TAG = 0x10;
export const SET_TAG = 0x11;

/** The calls of OpenSSL's EVP that an AEAD takes, in the library inside node's own program. Pointers are numbers. */
export class EvpLibrary {
  readonly newContext: () => number = library.func('EVP_CIPHER_CTX_new', POINTER, []);
  readonly freeContext: (context: number) => void = library.func('EVP_CIPHER_CTX_free', 'void', [POINTER]);
  readonly control: (context: number, command: number, length: number, data: number) => number = library.func(
    'EVP_CIPHER_CTX_ctrl',
    'int',
    [POINTER, 'int', 'int', POINTER],
  );
  readonly encryptInit: Init = initOf('EVP_EncryptInit_ex');
  readonly encryptUpdate: Update = updateOf('EVP_EncryptUpdate');
  readonly encryptFinal: Final = finalOf('EVP_EncryptFinal_ex');
  readonly decryptInit: Init = initOf('EVP_DecryptInit_ex');
  readonly decryptUpdate: Update = updateOf('EVP_DecryptUpdate');
  readonly decryptFinal: Final = finalOf('EVP_DecryptFinal_ex');
  /** The cipher ChaCha20-Poly1305. */
  readonly cipher: number = library.func('EVP_chacha20_poly1305', POINTER, [])();
}

const initOf = (name: string): Init => library.func(name, 'int', [POINTER, POINTER, POINTER, POINTER, POINTER]);
const updateOf = (name: string): Update => library.func(name, 'int', [POINTER, POINTER, POINTER, POINTER, 'int']);
const finalOf = (name: string): Final => library.func(name, 'int', [POINTER, POINTER, POINTER]);
