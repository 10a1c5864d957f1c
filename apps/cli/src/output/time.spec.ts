import { describe, expect, it } from '@jest/globals';
import { formatAge, formatInstant, formatMs, parseSpan } from './time.js';

describe('time', () => {
  it.each([
    [0, 'now'],
    [42_000, '42s'],
    [3 * 3_600_000 + 5, '3h'],
    [12 * 86_400_000, '12d'],
  ])('%d ms is %s old', (ms, text) => expect(formatAge(ms)).toBe(text));

  it('writes instants in UTC', () => expect(formatInstant(1_793_527_200_213)).toBe('2026-11-01 10:00:00.213'));

  it.each([
    [0.4111, '0.41 ms'],
    [12.34, '12.3 ms'],
    [240.4, '240 ms'],
  ])('%d becomes %s', (ms, text) => expect(formatMs(ms)).toBe(text));

  it('reads spans and refuses the rest', () => {
    expect(['90s', '15m', '12h', '7d', '2w'].map(parseSpan)).toEqual([9e4, 9e5, 432e5, 6048e5, 12096e5]);
    expect(['', '7', 'd', '1y', '-1d', '1.5h'].map(parseSpan)).toEqual(Array(6).fill(undefined));
  });
});
