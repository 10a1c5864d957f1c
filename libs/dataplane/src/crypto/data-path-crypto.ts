import { type ChosenCrypto, type CryptoChoice, raceCrypto } from '#crypto';
import { NativeCrypto } from '#crypto/native';
import { Arena } from '../memory/arena.js';
import { EvpCrypto } from './evp-crypto.js';
import { PrimitiveCrypto } from './primitive-crypto.js';
import { SodiumCrypto } from './sodium-crypto.js';

/** Room for what the candidates need of an arena, three times the scratch of an AEAD and a place for plaintext. */
const ARENA = 1 << 19;
const PACKET = 2_048;
const MARGIN = 64;

/**
 * The cryptography of a data path: the fastest there is on this machine, or the one that was asked for.
 * @param arena where packets will lie, if they lie in one
 * @throws NetfoldError `crypto.unusable`
 */
export function chooseDataPathCrypto(choice: CryptoChoice = 'auto', arena: Arena = new Arena(ARENA)): ChosenCrypto {
  const makers = {
    'openssl-primitives': () => new PrimitiveCrypto(arena),
    openssl: () => new EvpCrypto(arena),
    sodium: () => new SodiumCrypto(arena),
    native: () => new NativeCrypto(),
  };
  const start = arena.take(MARGIN + PACKET) + MARGIN;
  return raceCrypto(makers, choice, { buffer: arena.bytes, start, now: () => performance.now() });
}
