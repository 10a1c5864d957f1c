import { expect, test } from '@jest/globals';
import { type Progress, standstill } from './standstill.js';

/** Looks at what is given, one after the other; the last for as long as it likes. */
async function looksUntilFound(given: readonly Progress[], targets: readonly number[]): Promise<number> {
  let looks = 0;
  const progress = () => given[Math.min(looks, given.length - 1)] as Progress;
  const target = async () => {
    const position = targets[Math.min(looks, targets.length - 1)] ?? 0;
    looks += 1;
    if (Number.isNaN(position)) throw new Error('the store is away');
    return position;
  };
  expect(await standstill(progress, target, 0, new AbortController().signal)).toBe(true);
  return looks;
}

const at = (position: number): Progress => ({ position, busy: false });

test('is found at the second look that finds the same', async () => {
  expect(await looksUntilFound([at(1)], [5])).toBe(2);
});

test('is none while something comes, nothing is missing, or nobody can tell', async () => {
  expect(await looksUntilFound([1, 2, 3, 4].map(at), [9])).toBe(5);
  expect(await looksUntilFound([at(5)], [5, 5, 5, 6])).toBe(5);
  expect(await looksUntilFound([at(5)], [9, Number.NaN, 9, Number.NaN, 9])).toBe(6);
});

test('is none while the reader is at work', async () => {
  let looks = 0;
  const progress = () => ({ position: 1, busy: ++looks < 20 });
  expect(await standstill(progress, async () => 5, 0, new AbortController().signal)).toBe(true);
  expect(looks).toBeGreaterThan(20);
});

test('is not looked for after the end', async () => {
  const ended = new AbortController();
  const found = standstill(
    () => at(1),
    async () => 1,
    1,
    ended.signal,
  );
  ended.abort();
  expect(await found).toBe(false);
});
