import { NetfoldError } from '#kernel';
import { type Aead, type Crypto, KEY_LENGTH, TAG_LENGTH } from './crypto.js';
import { NobleCrypto } from './noble/noble-crypto.js';
import { selfTestAgainst } from './self-test.js';

/** Every implementation that there may be, by the name that it reports. */
export const CRYPTO_NAMES = ['openssl-primitives', 'openssl', 'sodium', 'native', 'noble'] as const;
export type CryptoName = (typeof CRYPTO_NAMES)[number];
/** `auto` for the fastest that is right. */
export type CryptoChoice = CryptoName | 'auto';

export const isCryptoChoice = (text: string): text is CryptoChoice =>
  text === 'auto' || (CRYPTO_NAMES as readonly string[]).includes(text);

/** What became of one implementation. */
export interface CryptoOutcome {
  readonly name: CryptoName;
  /** For sealing and opening a packet of 1,420 bytes; undefined when it did not come so far. */
  readonly microseconds?: number;
  /** Why it is not used: `slower`, `not asked for`, or what is wrong with it. Undefined for the one that is. */
  readonly rejected?: string;
}

export interface ChosenCrypto {
  readonly crypto: Crypto;
  /** In the order of `CRYPTO_NAMES`. */
  readonly outcomes: readonly CryptoOutcome[];
}

/** Makes an implementation, or throws where there is none. */
export type CryptoMakers = Readonly<Partial<Record<CryptoName, () => Crypto>>>;

/** A place for packets, for implementations that are fastest on memory of their own, and a clock in milliseconds. */
export interface RaceTrack {
  readonly buffer: Uint8Array;
  /** Where there is room for a packet and its tag, 64 bytes before it and 16 behind. */
  readonly start: number;
  readonly now: () => number;
}

const PACKET = 1420;
const BATCH = 20;
/** Candidates take turns, so that all meet the same machine, until all that they run has been compiled. */
const ROUNDS = 60;
/** Who takes so many times as long as the fastest leaves the race after a few rounds. */
const HOPELESS = 4;
const FEWEST_ROUNDS = 10;

interface Candidate {
  readonly name: CryptoName;
  readonly crypto?: Crypto;
  readonly rejected?: string;
  microseconds: number;
}

/**
 * The fastest implementation that agrees with noble in every operation; noble is always among them. Takes tens of
 * milliseconds.
 * @throws NetfoldError `crypto.unusable` when one was asked for by name that cannot be used
 */
export function raceCrypto(makers: CryptoMakers, choice: CryptoChoice, track: RaceTrack): ChosenCrypto {
  const reference = new NobleCrypto();
  const test = selfTestAgainst(reference);
  const all: CryptoMakers = { noble: () => reference, ...makers };
  const candidates = CRYPTO_NAMES.map((name) => candidateOf(name, all[name], choice, test));
  race(candidates, track);
  const fastest = candidates.reduce((best, one) => (one.microseconds < best.microseconds ? one : best));
  if (!fastest.crypto) throw unusable(candidates.find(({ name }) => name === choice) ?? fastest);
  const outcomes = candidates.map(({ name, microseconds, rejected }) => ({
    name,
    ...(Number.isFinite(microseconds) && { microseconds: Math.round(microseconds * 100) / 100 }),
    ...(name !== fastest.name && { rejected: rejected ?? 'slower' }),
  }));
  return { crypto: fastest.crypto, outcomes };
}

function candidateOf(
  name: CryptoName,
  make: (() => Crypto) | undefined,
  choice: CryptoChoice,
  test: (crypto: Crypto) => readonly string[],
): Candidate {
  const microseconds = Number.POSITIVE_INFINITY;
  if (choice !== 'auto' && name !== choice) return { name, microseconds, rejected: 'not asked for' };
  if (!make) return { name, microseconds, rejected: 'not there' };
  try {
    const crypto = make();
    const [failure] = test(crypto);
    return failure === undefined
      ? { name, microseconds, crypto }
      : { name, microseconds, rejected: `wrong: ${failure}` };
  } catch (error) {
    return { name, microseconds, rejected: error instanceof Error ? error.message : String(error) };
  }
}

/** The best batch counts: whatever else runs on this machine can only make others slower. */
function race(candidates: readonly Candidate[], track: RaceTrack): void {
  const aeads = candidates.map(({ crypto }) => crypto?.aead(new Uint8Array(KEY_LENGTH).fill(1)));
  for (let round = 0; round < ROUNDS; round++) {
    const best = Math.min(...candidates.map(({ microseconds }) => microseconds));
    for (const [index, candidate] of candidates.entries()) {
      const aead = aeads[index];
      const hopeless = round >= FEWEST_ROUNDS && candidate.microseconds > HOPELESS * best;
      if (aead && !hopeless) candidate.microseconds = Math.min(candidate.microseconds, timeOf(aead, track));
    }
  }
  for (const aead of aeads) aead?.wipe();
}

/** Microseconds for a packet, of one batch. */
function timeOf(aead: Aead, { buffer, start, now }: RaceTrack): number {
  const began = now();
  for (let counter = 0; counter < BATCH; counter++) {
    aead.sealInPlace(counter, buffer, start, start + PACKET);
    aead.openInPlace(counter, buffer, start, start + PACKET + TAG_LENGTH);
  }
  return (1000 * (now() - began)) / BATCH;
}

const unusable = ({ name, rejected = 'not there' }: Candidate): NetfoldError =>
  new NetfoldError({
    code: 'crypto.unusable',
    message: `the cryptography ${JSON.stringify(name)} cannot be used: ${rejected}`,
    hint: `leave the choice to netfold, or name another: ${CRYPTO_NAMES.join(', ')}`,
  });
