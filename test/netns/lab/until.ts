import { setTimeout as pause } from 'node:timers/promises';

/**
 * Waits for a condition: resolves with the first value that is neither undefined nor false.
 * @throws Error that names what was waited for, with the last failure, after `timeout` milliseconds
 */
export async function until<T>(
  what: string,
  probe: () => Promise<T | undefined | false>,
  timeout = 120_000,
): Promise<T> {
  const deadline = performance.now() + timeout;
  let last: unknown;
  while (performance.now() < deadline) {
    try {
      const value = await probe();
      if (value !== undefined && value !== false) return value;
    } catch (error) {
      last = error;
    }
    await pause(50);
  }
  throw new Error(`waited ${timeout} ms for: ${what}`, { cause: last });
}
