import { describe, expect, test } from '@jest/globals';
import { isCryptoChoice, type RaceTrack, raceCrypto } from './crypto-race.js';
import { NobleCrypto } from './noble/noble-crypto.js';

/** A clock that only what is measured moves. */
function trackOf(): RaceTrack & { advance(time: number): void } {
  let time = 0;
  return {
    buffer: new Uint8Array(2_048),
    start: 64,
    now: () => time,
    advance: (by) => {
      time += by;
    },
  };
}

function taking(name: string, milliseconds: number, track: ReturnType<typeof trackOf>) {
  return class extends NobleCrypto {
    override readonly name = name;
    override aead(key: Uint8Array) {
      const aead = super.aead(key);
      const { sealInPlace } = aead;
      aead.sealInPlace = (...words) => {
        track.advance(milliseconds);
        sealInPlace.apply(aead, words);
      };
      return aead;
    }
  };
}

class Credulous extends NobleCrypto {
  override verify(): boolean {
    return true;
  }
}

describe('raceCrypto', () => {
  test('takes the fastest that is right, and says what became of each', () => {
    const track = trackOf();
    const [Fast, Slow] = [taking('native', 0.5, track), taking('openssl', 2, track)];
    const sodium = () => {
      throw new Error('no such library');
    };
    const noble = taking('noble', 1, track);
    const makers = { 'openssl-primitives': () => new Credulous(), openssl: () => new Slow(), native: () => new Fast() };
    const { crypto, outcomes } = raceCrypto({ ...makers, sodium, noble: () => new noble() }, 'auto', track);
    expect(outcomes.map(({ name, rejected }) => [name, rejected])).toEqual([
      ['openssl-primitives', 'wrong: Ed25519 verify of a forgery'],
      ['openssl', 'slower'],
      ['sodium', 'no such library'],
      ['native', undefined],
      ['noble', 'slower'],
    ]);
    expect(crypto.name).toBe('native');
    expect(outcomes.find(({ name }) => name === 'openssl')?.microseconds).toBe(2_000);
  });

  test('takes what was asked for, however slow', () => {
    const track = trackOf();
    const Slow = taking('native', 1, track);
    const { crypto, outcomes } = raceCrypto({ native: () => new Slow() }, 'native', track);
    expect(crypto.name).toBe('native');
    expect(outcomes.at(-1)).toEqual({ name: 'noble', rejected: 'not asked for' });
  });

  test.each([
    ['openssl', 'not there'],
    ['native', 'wrong: Ed25519 verify of a forgery'],
  ] as const)('does not take another in place of %s', (choice, reason) => {
    const race = () => raceCrypto({ native: () => new Credulous() }, choice, trackOf());
    expect(race).toThrow(
      expect.objectContaining({ code: 'crypto.unusable', message: expect.stringContaining(reason) }),
    );
  });

  test('knows its names', () => {
    expect(['auto', 'noble', 'rot13'].map(isCryptoChoice)).toEqual([true, true, false]);
  });
});
