import { NetfoldError } from '#kernel';
import { type Crypto, KEY_LENGTH, TAG_LENGTH } from './crypto.js';
import { NobleCrypto } from './noble/noble-crypto.js';
import { selfTest } from './self-test.js';

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
/** For each candidate: it has to be compiled, which takes some time, and then has to be as fast as it can once. */
const MILLISECONDS = 4;
const BATCHES = { fewest: 2, most: 200 } as const;

interface Candidate {
  readonly name: CryptoName;
  readonly crypto?: Crypto;
  readonly microseconds?: number;
  readonly rejected?: string;
}

/**
 * The fastest implementation that agrees with noble in every operation; noble is always among them.
 * @throws NetfoldError `crypto.unusable` when one was asked for by name that cannot be used
 */
export function raceCrypto(makers: CryptoMakers, choice: CryptoChoice, track: RaceTrack): ChosenCrypto {
  const reference = new NobleCrypto();
  const all: CryptoMakers = { noble: () => reference, ...makers };
  const candidates = CRYPTO_NAMES.map((name) => candidateOf(name, all[name], choice, reference, track));
  const fastest = candidates.reduce((best, one) => (speedOf(one) < speedOf(best) ? one : best));
  if (!fastest.crypto) throw unusable(candidates.find(({ name }) => name === choice) ?? fastest);
  const outcomes = candidates.map(({ name, microseconds, rejected }) => ({
    name,
    ...(microseconds !== undefined && { microseconds }),
    ...(name !== fastest.name && { rejected: rejected ?? 'slower' }),
  }));
  return { crypto: fastest.crypto, outcomes };
}

function candidateOf(
  name: CryptoName,
  make: (() => Crypto) | undefined,
  choice: CryptoChoice,
  reference: Crypto,
  track: RaceTrack,
): Candidate {
  if (choice !== 'auto' && name !== choice) return { name, rejected: 'not asked for' };
  if (!make) return { name, rejected: 'not there' };
  try {
    const crypto = make();
    const failures = selfTest(crypto, reference);
    if (failures.length > 0) return { name, rejected: `wrong: ${failures[0]}` };
    return { name, crypto, microseconds: microsecondsOf(crypto, track) };
  } catch (error) {
    return { name, rejected: error instanceof Error ? error.message : String(error) };
  }
}

const speedOf = ({ microseconds = Number.POSITIVE_INFINITY }: Candidate): number => microseconds;

/** The best batch: whatever else runs on this machine can only make the others slower. */
function microsecondsOf(crypto: Crypto, { buffer, start, now }: RaceTrack): number {
  const aead = crypto.aead(new Uint8Array(KEY_LENGTH).fill(1));
  const end = now() + MILLISECONDS;
  let best = Number.POSITIVE_INFINITY;
  for (let batch = 0; batch < BATCHES.fewest || (batch < BATCHES.most && now() < end); batch++) {
    const began = now();
    for (let counter = 0; counter < BATCH; counter++) {
      aead.sealInPlace(counter, buffer, start, start + PACKET);
      aead.openInPlace(counter, buffer, start, start + PACKET + TAG_LENGTH);
    }
    best = Math.min(best, (1000 * (now() - began)) / BATCH);
  }
  aead.wipe();
  return Math.round(best * 100) / 100;
}

const unusable = ({ name, rejected = 'not there' }: Candidate): NetfoldError =>
  new NetfoldError({
    code: 'crypto.unusable',
    message: `the cryptography ${JSON.stringify(name)} cannot be used: ${rejected}`,
    hint: `leave the choice to netfold, or name another: ${CRYPTO_NAMES.join(', ')}`,
  });
