import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Scheduled, WakeQueue } from './wake-queue.js';

const item = (): Scheduled => ({ wakeAt: Number.POSITIVE_INFINITY, slot: -1 });

describe('WakeQueue', () => {
  test('agrees with a sorted list after any history', () => {
    const step = fc.record({ which: fc.nat(7), at: fc.nat(100), what: fc.constantFrom('schedule', 'remove', 'take') });
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const queue = new WakeQueue<Scheduled>();
        const items = Array.from({ length: 8 }, item);
        const twin = new Map<Scheduled, number>();
        const earliest = () => Math.min(...twin.values());
        for (const { which, at, what } of steps) {
          const chosen = items[which] as Scheduled;
          if (what === 'schedule') {
            queue.schedule(chosen, at);
            twin.set(chosen, Math.min(at, twin.get(chosen) ?? at));
          } else if (what === 'remove') {
            queue.remove(chosen);
            twin.delete(chosen);
          } else {
            const taken = queue.takeDue(at);
            expect(taken !== undefined).toBe(earliest() <= at);
            if (taken) {
              expect(twin.get(taken)).toBe(earliest());
              twin.delete(taken);
            }
          }
          expect(queue.next() ?? Number.POSITIVE_INFINITY).toBe(earliest());
        }
      }),
    );
  });

  test('never is not a time to wake', () => {
    const queue = new WakeQueue<Scheduled>();
    queue.schedule(item(), Number.POSITIVE_INFINITY);
    expect(queue.next()).toBeUndefined();
  });
});
