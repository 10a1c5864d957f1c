import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { AddressSet } from './address-set.js';

/** Small prefixes of both families in one narrow neighbourhood, so that they meet often. */
const prefixes = fc.array(
  fc.oneof(
    fc.record({ last: fc.nat(31), bits: fc.integer({ min: 27, max: 32 }) }).map((p) => `10.0.0.${p.last}/${p.bits}`),
    fc
      .record({ last: fc.nat(31), bits: fc.integer({ min: 123, max: 128 }) })
      .map((p) => `fd00::${p.last.toString(16)}/${p.bits}`),
  ),
  { maxLength: 6 },
);
const probes = [...Array(32).keys()].flatMap((i) => [`10.0.0.${i}`, `fd00::${i.toString(16)}`]);
const members = (set: AddressSet) => probes.filter((probe) => set.has(probe));

describe('AddressSet', () => {
  it('is a set: union, difference, intersection and inclusion are those of its members', () => {
    fc.assert(
      fc.property(prefixes, prefixes, (left, right) => {
        const [a, b] = [AddressSet.of(left), AddressSet.of(right)];
        const [as, bs] = [members(a), members(b)];
        expect(members(AddressSet.union([a, b]))).toEqual(probes.filter((p) => as.includes(p) || bs.includes(p)));
        expect(members(a.minus(b))).toEqual(as.filter((p) => !bs.includes(p)));
        expect(members(a.and(b))).toEqual(as.filter((p) => bs.includes(p)));
        expect(a.includes(b)).toBe(bs.every((p) => as.includes(p)));
        expect(AddressSet.of(a.prefixes()).prefixes()).toEqual(a.prefixes());
        expect(members(AddressSet.of(a.prefixes()))).toEqual(as);
      }),
      { numRuns: 200 },
    );
  });

  it('writes single addresses, prefixes and ranges each in their own way', () => {
    const set = AddressSet.of(['10.0.0.1', '10.1.0.0/16', '10.9.0.0/16', '10.10.0.0/16', 'fd00::/8']);
    expect(set.texts()).toEqual(['10.0.0.1', '10.1.0.0/16', '10.9.0.0-10.10.255.255', 'fd00::/8']);
    expect(set.prefixes()).toEqual(['10.0.0.1/32', '10.1.0.0/16', '10.9.0.0/16', '10.10.0.0/16', 'fd00::/8']);
  });

  it('holds the whole of a family', () => {
    expect(AddressSet.of(['0.0.0.0/0', '::/0']).texts()).toEqual(['0.0.0.0/0', '::/0']);
  });
});
