import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { dnsLabel, freeLabel, isDnsLabel, isNumbered } from './dns-label.js';

describe('dnsLabel', () => {
  test.each([
    ['laptop', 'laptop'],
    ['Zoë’s MacBook_Pro.local', 'zoes-macbook-pro'],
    ['DESKTOP-4AB', 'desktop-4ab'],
    ['web 01', 'web-01'],
    ['db.prod.example.com', 'db-prod-example-com'],
    ['host.localdomain', 'host'],
    ['--a__b--', 'a-b'],
    ['İstanbul', 'istanbul'],
    ['ﬁle', 'file'],
    ['東京', 'node'],
    ['', 'node'],
    ['...', 'node'],
    ['xn--mnchen-3ya', 'xn-mnchen-3ya'],
    [`${'a'.repeat(62)}.b`, 'a'.repeat(62)],
  ])('%j → %s', (hostname, label) => expect(dnsLabel(hostname)).toBe(label));

  test('always yields a label, and leaves labels that it made alone', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 100 }), (hostname) => {
        const label = dnsLabel(hostname);
        expect(isDnsLabel(label)).toBe(true);
        expect(dnsLabel(label)).toBe(label);
      }),
    );
  });
});

describe('isDnsLabel', () => {
  test.each(['', '-a', 'a-', 'A', 'a_b', 'a.b', 'a'.repeat(64), 'ä'])('%j is none', (text) =>
    expect(isDnsLabel(text)).toBe(false),
  );
  test.each(['a', '0', 'a-b', 'a'.repeat(63)])('%j is one', (text) => expect(isDnsLabel(text)).toBe(true));
});

describe('freeLabel', () => {
  test('counts up', () => {
    const taken = new Set<string>();
    for (let i = 0; i < 1000; i++) taken.add(freeLabel('db', (label) => taken.has(label)));
    expect([...taken].slice(0, 4)).toEqual(['db', 'db-1', 'db-2', 'db-3']);
    expect(taken.has('db-999')).toBe(true);
  });

  test('needs few look-ups among many of one name', () => {
    let lookUps = 0;
    const found = freeLabel('db', (label) => ++lookUps > 0 && Number(label.slice(3)) < 50_000);
    expect(found).toBe('db-50000');
    expect(lookUps).toBeLessThan(40);
  });

  test('finds a free label whichever are taken', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(40)), fc.integer({ min: 55, max: 63 }), (numbers, length) => {
        const label = 'a'.repeat(length);
        const taken = new Set([label]);
        for (const number of numbers) taken.add(`${label.slice(0, 62 - String(number).length)}-${number}`);
        const free = freeLabel(label, (text) => taken.has(text));
        expect(taken.has(free)).toBe(false);
        expect(isDnsLabel(free)).toBe(true);
      }),
    );
  });
});

describe('isNumbered', () => {
  test.each([
    ['db-1', 'db'],
    ['db-1-12', 'db-1'],
    [`${'a'.repeat(61)}-1`, 'a'.repeat(63)],
  ])('%s is %s of several', (name, label) => expect(isNumbered(name, label)).toBe(true));

  test.each([
    ['db', 'db'],
    ['db-1', 'db-1'],
    ['db-2', 'db-1'],
    ['db-0', 'db'],
    ['db-01', 'db'],
    ['web-1', 'db'],
    ['db-1', 'database'],
  ])('%s is not %s of several', (name, label) => expect(isNumbered(name, label)).toBe(false));

  test('says so of whatever freeLabel gives when the label is taken', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 63 }), fc.nat(2000), (length, taken) => {
        const label = 'a'.repeat(length);
        const given = new Set([label]);
        for (let i = 0; i < taken % 30; i++) given.add(freeLabel(label, (text) => given.has(text)));
        expect(
          isNumbered(
            freeLabel(label, (text) => given.has(text)),
            label,
          ),
        ).toBe(true);
      }),
    );
  });
});
