import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Steps } from '#reach';

/** So long the event loop may be kept from agents and other callers, in milliseconds. */
const TURN_MS = 10;

/** Takes the steps of some work, and lets everything else come between them. */
export async function inTurns<T>(steps: Steps<T>): Promise<T> {
  for (let end = performance.now() + TURN_MS; ; ) {
    const { done, value } = steps.next();
    if (done) return value;
    if (performance.now() < end) continue;
    await nextTurn();
    end = performance.now() + TURN_MS;
  }
}
