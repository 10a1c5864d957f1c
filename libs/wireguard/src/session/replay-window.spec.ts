import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { REPLAY_WINDOW } from '../constants.js';
import { ReplayWindow } from './replay-window.js';

/** The obvious twin: it remembers every counter. */
class SlowWindow {
  private readonly seen = new Set<number>();
  private greatest = -1;

  accept(counter: number): boolean {
    if (this.seen.has(counter) || counter <= this.greatest - REPLAY_WINDOW) return false;
    this.seen.add(counter);
    this.greatest = Math.max(this.greatest, counter);
    return true;
  }
}

describe('ReplayWindow', () => {
  test('agrees with a window that remembers everything', () => {
    const near = fc.integer({ min: -40, max: 40 });
    const step = fc.oneof(
      near,
      near.map((n) => n - REPLAY_WINDOW),
      near.map((n) => n + REPLAY_WINDOW),
      fc.integer({ min: -REPLAY_WINDOW, max: REPLAY_WINDOW }),
    );
    const start = fc.constantFrom(0, 5_000, 2 ** 32 - 20, 2 ** 53 - 2 ** 22);
    fc.assert(
      fc.property(start, fc.array(step, { maxLength: 200 }), (first, steps) => {
        const window = new ReplayWindow();
        const twin = new SlowWindow();
        let counter = first;
        for (const delta of [0, ...steps]) {
          counter = Math.max(0, counter + delta);
          const admitted = window.admits(counter);
          expect(window.accept(counter)).toBe(admitted);
          expect(admitted).toBe(twin.accept(counter));
        }
      }),
      { numRuns: 500 },
    );
  });

  test('takes the oldest counter of a full window and not the one before', () => {
    const window = new ReplayWindow();
    expect(window.accept(REPLAY_WINDOW + 99)).toBe(true);
    expect(window.accept(100)).toBe(true);
    expect(window.accept(100)).toBe(false);
    expect(window.accept(99)).toBe(false);
  });
});
