import type { Clock } from '#kernel';

/**
 * Numbers the streams that this machine opens, each higher than the one before it. They begin with the time, so that those of
 * an earlier run are lower, unless the clock was put back since: then whoever knows them counts on from there.
 */
export function streamNumbers(clock: Clock): () => number {
  let last = 0;
  return () => {
    last = Math.max(last + 1, Math.trunc(clock.now()));
    return last;
  };
}
