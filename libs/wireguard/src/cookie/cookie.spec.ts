import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { newDhKeyPair } from '#crypto';
import { NativeCrypto } from '#crypto/native';
import { seededRandom } from '#crypto/testing';
import { COOKIE_LIFETIME } from '../constants.js';
import { INITIATION, RESPONSE } from '../messages.js';
import { CookieChecker } from './cookie-checker.js';
import { CookieJar } from './cookie-jar.js';
import { LoadGauge } from './load-gauge.js';
import { RateLimiter } from './rate-limiter.js';

const crypto = new NativeCrypto();
const random = seededRandom(1);
const { publicKey } = newDhKeyPair(crypto, random);

function both() {
  return { checker: new CookieChecker(crypto, random, publicKey), jar: new CookieJar(crypto, publicKey) };
}

function stamped(jar: CookieJar, now: number): Uint8Array {
  const message = random.bytes(INITIATION.length).fill(0, INITIATION.mac1);
  jar.stamp(now, message, INITIATION);
  return message;
}

describe.each([
  ['initiations', INITIATION],
  ['responses', RESPONSE],
])('cookies for %s', (_name, fields) => {
  test('go round: mac1, reply, mac2', () => {
    const { checker, jar } = both();
    const message = random.bytes(fields.length).fill(0, fields.mac1);
    jar.stamp(0, message, fields);
    expect(checker.checkMac1(message, fields)).toBe(true);
    expect(checker.checkMac2(0, message, fields, 'here')).toBe(false);
    expect(jar.accept(0, checker.reply(0, message, fields, 5, 'here'))).toBe(true);
    jar.stamp(0, message, fields);
    expect(checker.checkMac2(0, message, fields, 'here')).toBe(true);
    expect(checker.checkMac2(0, message, fields, 'there')).toBe(false);
    expect(checker.checkMac2(COOKIE_LIFETIME, message, fields, 'here')).toBe(false);
  });
});

describe('a cookie', () => {
  test('is used for two minutes', () => {
    const { checker, jar } = both();
    jar.accept(0, checker.reply(0, stamped(jar, 0), INITIATION, 5, 'here'));
    const mac2 = (now: number) => stamped(jar, now).subarray(INITIATION.mac2);
    expect(mac2(COOKIE_LIFETIME - 1)).not.toEqual(new Uint8Array(16));
    expect(mac2(COOKIE_LIFETIME)).toEqual(new Uint8Array(16));
  });

  test('is taken once, only in reply to the last message, and only as it was sent', () => {
    const { checker, jar } = both();
    const early = checker.reply(0, stamped(jar, 0), INITIATION, 5, 'here');
    const reply = checker.reply(0, stamped(jar, 0), INITIATION, 5, 'here');
    expect(jar.accept(0, early)).toBe(false);
    fc.assert(
      fc.property(fc.integer({ min: 8, max: reply.length - 1 }), fc.nat(7), (at, bit) => {
        const forged = Uint8Array.from(reply);
        forged[at] = (forged[at] as number) ^ (1 << bit);
        expect(jar.accept(0, forged)).toBe(false);
      }),
      { numRuns: 30 },
    );
    expect(jar.accept(0, reply)).toBe(true);
    expect(jar.accept(0, reply)).toBe(false);
  });

  test('is not taken where nothing was sent', () => {
    const { checker, jar } = both();
    const other = new CookieJar(crypto, publicKey);
    expect(jar.accept(0, checker.reply(0, stamped(other, 0), INITIATION, 5, 'here'))).toBe(false);
  });
});

describe('RateLimiter', () => {
  test('lets a burst of five through, then one every fifty milliseconds, for each source', () => {
    const limiter = new RateLimiter();
    const burst = (source: string, now: number) =>
      Array.from({ length: 10 }, () => limiter.allow(now, source)).filter(Boolean).length;
    expect(burst('a', 0)).toBe(5);
    expect(burst('b', 0)).toBe(5);
    expect(burst('a', 49)).toBe(0);
    expect(burst('a', 50)).toBe(1);
    expect(burst('a', 5000)).toBe(5);
  });

  test('remembers a bounded number of sources and forgets those that are quiet', () => {
    const limiter = new RateLimiter();
    let allowed = 0;
    for (let i = 0; i < 20_000; i++) if (limiter.allow(0, `${i}`)) allowed++;
    expect(allowed).toBe(16_384);
    expect(limiter.allow(10, 'late')).toBe(false);
    expect(limiter.allow(2000, 'late')).toBe(true);
  });
});

describe('LoadGauge', () => {
  test('alarms above its limit and for a second after', () => {
    const gauge = new LoadGauge(3);
    expect([0, 1, 2, 3].map((now) => gauge.note(now))).toEqual([false, false, false, true]);
    expect(gauge.note(1000)).toBe(true);
    expect(gauge.note(1004)).toBe(false);
  });
});
