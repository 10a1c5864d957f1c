import type { Crypto } from './crypto.js';
import { NobleCrypto } from './noble/noble-crypto.js';
import { selfTest } from './self-test.js';

/**
 * The first of `candidates` that passes the self-test, or noble when none does.
 *
 * @param candidates makers in order of preference, such as `() => new NativeCrypto()`; one that throws is passed over
 * @param refused told about each candidate that is not taken, with the operations that failed
 */
export function chooseCrypto(
  candidates: readonly (() => Crypto)[],
  refused: (name: string, failures: readonly string[]) => void = () => {},
): Crypto {
  const reference = new NobleCrypto();
  for (const make of candidates) {
    const candidate = attempt(make);
    if (candidate instanceof Error) {
      refused('unavailable', [candidate.message]);
      continue;
    }
    const failures = selfTest(candidate, reference);
    if (failures.length === 0) return candidate;
    refused(candidate.name, failures);
  }
  return reference;
}

function attempt(make: () => Crypto): Crypto | Error {
  try {
    return make();
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
