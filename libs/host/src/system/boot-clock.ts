import { clockGettime, SystemMemory } from './libc.js';

/** linux/time.h */
const CLOCK_BOOTTIME = 7;
const TIMESPEC = { nanoseconds: 8 } as const;

/** Memory that stays where it is, `address` being where its first byte lies. */
interface Memory {
  readonly view: DataView;
  readonly address: number;
}

/**
 * Milliseconds since the machine was started, those included that it slept: what is good for three minutes is not good
 * after a night, which `performance.now` would not notice. It is cheap as well, for who asks with every turn of a loop:
 * that one takes a dozen calls of JavaScript.
 *
 * @param place of 16 bytes in `memory` for what the system says
 */
export function bootClock(memory: Memory, place: number): () => number {
  return () => {
    clockGettime(CLOCK_BOOTTIME, memory.address + place);
    const { view } = memory;
    return view.getUint32(place, true) * 1000 + view.getUint32(place + TIMESPEC.nanoseconds, true) / 1e6;
  };
}

/** `bootClock` for whoever has no memory of their own. */
export const bootTime = bootClock(new SystemMemory(4096), 0);
