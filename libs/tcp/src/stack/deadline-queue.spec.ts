import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { DeadlineQueue } from './deadline-queue.js';

test('answers as a sorted list would', () => {
  const step = fc.record({ item: fc.nat(15), at: fc.nat(50), what: fc.constantFrom('schedule', 'remove', 'take') });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const queue = new DeadlineQueue<number>();
      const model = new Map<number, number>();
      for (const { item, at, what } of steps) {
        if (what === 'schedule') {
          queue.schedule(item, at);
          model.set(item, Math.min(at, model.get(item) ?? 99));
        } else if (what === 'remove') {
          queue.remove(item);
          model.delete(item);
        } else {
          const taken = queue.takeDue(at);
          const earliest = Math.min(...model.values());
          expect(taken === undefined ? undefined : model.get(taken)).toBe(earliest <= at ? earliest : undefined);
          if (taken !== undefined) model.delete(taken);
        }
        expect(queue.next).toBe(Math.min(...model.values()));
      }
    }),
  );
});
