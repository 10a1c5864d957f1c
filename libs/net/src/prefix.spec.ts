import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { compareAddresses, formatAddress, parseAddress, tryParseAddress } from './address.js';
import {
  formatPrefix,
  maskPrefix,
  parsePrefix,
  prefixContainsAddress,
  prefixesOverlap,
  tryParsePrefix,
} from './prefix.js';

const address = fc.oneof(
  fc.uint8Array({ minLength: 4, maxLength: 4 }),
  fc.uint8Array({ minLength: 16, maxLength: 16 }),
);

describe('addresses', () => {
  test('every address survives its text', () => {
    fc.assert(fc.property(address, (bytes) => expect(parseAddress(formatAddress(bytes))).toEqual(bytes)));
  });

  test.each([
    '',
    '1.2.3',
    '1.2.3.4.5',
    '256.0.0.1',
    '010.0.0.1',
    '0x7f.0.0.1',
    'fe80::1%eth0',
    '::g',
    '1.2.3.4/32',
    ' 1.2.3.4',
  ])('%p is refused', (text) => expect(tryParseAddress(text)).toBeUndefined());

  test('IPv4 orders before IPv6 and by number', () => {
    const sorted = ['fd00::1', '10.0.0.10', '10.0.0.9'].map(parseAddress).sort(compareAddresses).map(formatAddress);
    expect(sorted).toEqual(['10.0.0.9', '10.0.0.10', 'fd00::1']);
  });
});

describe('prefixes', () => {
  test('host bits are cleared', () => {
    expect(formatPrefix(parsePrefix('192.168.1.77/24'))).toBe('192.168.1.0/24');
    expect(formatPrefix(parsePrefix('10.0.0.1'))).toBe('10.0.0.1/32');
    expect(formatPrefix(parsePrefix('fd7a::1/48'))).toBe('fd7a::/48');
  });

  test.each(['10.0.0.0/33', '10.0.0.0/-1', '10.0.0.0/08', '10.0.0.0/', 'fd00::/129', '/8', 'host/8'])(
    '%p is refused',
    (text) => expect(tryParsePrefix(text)).toBeUndefined(),
  );

  test('contains agrees with masking', () => {
    fc.assert(
      fc.property(address, address, fc.nat(128), (a, b, length) => {
        const bits = Math.min(length, a.length * 8);
        const same = a.length === b.length && formatPrefix(maskPrefix(a, bits)) === formatPrefix(maskPrefix(b, bits));
        expect(prefixContainsAddress(maskPrefix(a, bits), b)).toBe(same);
      }),
    );
  });

  test('overlap is symmetric and holds for nested prefixes only', () => {
    expect(prefixesOverlap(parsePrefix('10.0.0.0/8'), parsePrefix('10.1.0.0/16'))).toBe(true);
    expect(prefixesOverlap(parsePrefix('10.1.0.0/16'), parsePrefix('10.0.0.0/8'))).toBe(true);
    expect(prefixesOverlap(parsePrefix('10.1.0.0/16'), parsePrefix('10.2.0.0/16'))).toBe(false);
    expect(prefixesOverlap(parsePrefix('0.0.0.0/0'), parsePrefix('::/0'))).toBe(false);
  });
});
