import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseAddress } from './address.js';
import { AddressPool } from './address-pool.js';
import { parsePrefix } from './prefix.js';

const pool = (prefix: string, ...reserved: string[]) => new AddressPool(parsePrefix(prefix), reserved.map(parsePrefix));

/** Gives out addresses until none is left. */
function drain(from: AddressPool, start?: string): string[] {
  const taken = new Set<string>();
  let last = start;
  for (;;) {
    const next = from.next(last === undefined ? undefined : parseAddress(last), (address) => taken.has(address));
    if (next === undefined) return [...taken];
    taken.add(next);
    last = next;
  }
}

describe('AddressPool', () => {
  test('starts at the beginning and leaves out .0 and .255', () => {
    const given = drain(pool('100.64.0.0/23'));
    expect(given[0]).toBe('100.64.0.1');
    expect(given.slice(253, 255)).toEqual(['100.64.0.254', '100.64.1.1']);
    expect(given).toHaveLength(508);
  });

  test('goes around the end', () => {
    expect(drain(pool('100.64.0.248/29'), '100.64.0.252')).toEqual([
      '100.64.0.253',
      '100.64.0.254',
      '100.64.0.248',
      '100.64.0.249',
      '100.64.0.250',
      '100.64.0.251',
      '100.64.0.252',
    ]);
  });

  test('does not give an address again before it has passed through the rest', () => {
    const small = pool('100.64.0.0/28');
    const first = small.next(undefined, () => false);
    const second = small.next(parseAddress(first ?? ''), () => false);
    expect([first, second]).toEqual(['100.64.0.1', '100.64.0.2']);
  });

  test('leaves out reserved blocks, also when one is all there is', () => {
    const given = drain(pool('100.100.100.0/23', '100.100.100.0/24'));
    expect(given).toHaveLength(254);
    expect(given[0]).toBe('100.100.101.1');
    expect(drain(pool('100.100.100.64/26', '100.100.100.0/24'))).toEqual([]);
  });

  test('starts anew when the last address is of another prefix', () => {
    expect(pool('100.64.0.0/24').next(parseAddress('100.65.0.7'), () => false)).toBe('100.64.0.1');
  });

  test('gives out exactly what it has, once each, wherever it starts', () => {
    const prefix = fc
      .record({ low: fc.nat(1023), bits: fc.integer({ min: 22, max: 32 }) })
      .map(({ low, bits }) => `100.100.${100 + (low >> 8)}.${low & 255}/${bits}`);
    fc.assert(
      fc.property(prefix, fc.boolean(), fc.nat(1023), (text, withHole, start) => {
        const tested = pool(text, ...(withHole ? ['100.100.101.0/24', '100.100.102.16/28'] : []));
        const given = drain(tested, `100.100.${100 + (start >> 8)}.${start & 255}`);
        expect(new Set(given).size).toBe(given.length);
        expect(given).toHaveLength(tested.capacity);
        expect(given.every((address) => tested.has(parseAddress(address)))).toBe(true);
      }),
      { numRuns: 50 },
    );
  });

  test('the capacity of 100.64.0.0/10 without the neighbourhood of 100.100.100.100', () => {
    expect(pool('100.64.0.0/10', '100.100.100.0/24').capacity).toBe(2 ** 14 * 254 - 254);
  });
});
