import { systemStopwatch } from '#coordination';
import { NetfoldError } from '#kernel';

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 2_000;
/** What passes, however long it takes. */
const AWAY = new Set(['store.unreachable', 'store.stalled', 'store.overloaded']);

/** Tries what has to happen until it has, or the signal comes: as long as the shared store is away, there is nothing better to do. */
export async function patiently(work: () => Promise<void>, signal: AbortSignal): Promise<void> {
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    try {
      return await work();
    } catch (error) {
      const passes = error instanceof NetfoldError && AWAY.has(error.code);
      if (!passes || signal.aborted) throw error;
      await systemStopwatch.pause(pause, signal);
    }
  }
}
