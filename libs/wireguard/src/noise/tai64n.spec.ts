import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { toHex } from '#kernel';
import { isLater, TimestampSource } from './tai64n.js';

describe('TimestampSource', () => {
  test('is the TAI64 label of a known instant', () => {
    // The label that the TAI64 specification gives as its example, for the second that is ten before it on Unix clocks.
    const source = new TimestampSource({ now: () => 707_472_419_000 });
    expect(toHex(source.next())).toBe('400000002a2b2c2d00000000');
  });

  test('always goes forward, whatever the clock does', () => {
    const clock = fc.array(
      fc.nat(5_000).map((ms) => 1_800_000_000_000 + ms),
      { minLength: 2 },
    );
    fc.assert(
      fc.property(clock, (times) => {
        const remaining = [...times];
        const source = new TimestampSource({ now: () => remaining.shift() ?? 0 });
        let last = source.next();
        for (let i = 1; i < times.length; i++) {
          const next = source.next();
          expect(isLater(next, last)).toBe(true);
          expect(isLater(last, next)).toBe(false);
          expect(new DataView(next.buffer).getUint32(8)).toBeLessThan(1_000_000_000);
          last = next;
        }
      }),
    );
  });

  test('a timestamp is not later than itself', () => {
    const label = new TimestampSource({ now: () => 5 }).next();
    expect(isLater(label, label)).toBe(false);
  });
});
