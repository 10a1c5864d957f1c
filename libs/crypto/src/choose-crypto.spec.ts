import { describe, expect, test } from '@jest/globals';
import { chooseCrypto } from './choose-crypto.js';
import type { Aead } from './crypto.js';
import { NobleCrypto } from './noble/noble-crypto.js';

class Sound extends NobleCrypto {
  override readonly name = 'sound';
}

/** Right but for counters beyond 32 bits: the kind of fault that a casual test does not see. */
class ShortCounter extends NobleCrypto {
  override readonly name = 'short-counter';
  override aead(key: Uint8Array): Aead {
    const inner = super.aead(key);
    return {
      seal: (counter, plaintext, output, associated) => inner.seal(counter >>> 0, plaintext, output, associated),
      open: (counter, sealed, output, associated) => inner.open(counter >>> 0, sealed, output, associated),
      sealInPlace: (counter, buffer, start, end) => inner.sealInPlace(counter >>> 0, buffer, start, end),
      openInPlace: (counter, buffer, start, end) => inner.openInPlace(counter >>> 0, buffer, start, end),
      wipe: () => inner.wipe(),
    };
  }
}

/** Takes any signature, which no comparison of right answers would notice. */
class Credulous extends NobleCrypto {
  override readonly name = 'credulous';
  override verify(): boolean {
    return true;
  }
}

describe('chooseCrypto', () => {
  test('takes the first sound candidate', () => {
    expect(chooseCrypto([() => new Credulous(), () => new Sound(), () => new NobleCrypto()]).name).toBe('sound');
  });

  test('falls back to noble and says which operations failed', () => {
    const refused: [string, readonly string[]][] = [];
    const unavailable = () => {
      throw new Error('no such library');
    };
    const candidates = [() => new ShortCounter(), () => new Credulous(), unavailable];
    expect(chooseCrypto(candidates, (name, failures) => refused.push([name, failures])).name).toBe('noble');
    expect(refused).toEqual([
      ['short-counter', expect.arrayContaining(['seal with counter 4294967296'])],
      ['credulous', ['Ed25519 verify of a forgery']],
      ['unavailable', ['no such library']],
    ]);
  });
});
