import { describe, expect, it } from '@jest/globals';
import type { Random } from '#kernel';
import { Backoff } from './backoff.js';

const highest: Random = { bytes: (length) => new Uint8Array(length).fill(0xff) };
const lowest: Random = { bytes: (length) => new Uint8Array(length) };
const options = { base: 100, cap: 1000 };

describe('Backoff', () => {
  it('doubles its ceiling up to the cap, and starts over after success', () => {
    const backoff = new Backoff(highest, options);
    expect(Array.from({ length: 6 }, () => backoff.next())).toEqual([99, 199, 399, 799, 999, 999]);
    backoff.reset();
    expect(backoff.next()).toBe(99);
  });

  it('draws from the whole range, down to no delay at all', () => {
    expect(new Backoff(lowest, options).next()).toBe(0);
  });

  it('never overflows', () => {
    const backoff = new Backoff(highest, options);
    for (let i = 0; i < 2000; i++) expect(backoff.next()).toBeLessThan(1000);
  });
});
