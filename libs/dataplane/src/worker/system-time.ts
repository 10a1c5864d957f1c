import koffi from 'koffi';
import type { Arena } from '../memory/arena.js';

/** linux/time.h; what process.hrtime and performance.now count by. */
const CLOCK_MONOTONIC = 1;
const TIMESPEC = { size: 16, nanoseconds: 8 } as const;

const clockGettime: (clock: number, place: number) => number = koffi
  .load(null)
  .func('clock_gettime', 'int', ['int', 'size_t']);

/**
 * The system's monotonic clock, ms. One is asked with every turn of a loop: `performance.now` takes a dozen calls of
 * JavaScript, of which a loop that has just woken up has none at hand.
 */
export function systemTime(arena: Arena): () => number {
  const place = arena.take(TIMESPEC.size);
  return () => {
    clockGettime(CLOCK_MONOTONIC, arena.address + place);
    const { view } = arena;
    return view.getUint32(place, true) * 1000 + view.getUint32(place + TIMESPEC.nanoseconds, true) / 1e6;
  };
}
