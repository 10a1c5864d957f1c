/** Below this, folding the events is no slower than thawing a snapshot of any size. */
const LEAST = 5_000;
/** So many events are folded at most to reach any moment: a fraction of a second. */
const MOST = 20_000;
/** Bytes of snapshot that an event pays for: about a quarter of what it takes in the ledger. */
const BYTES_PER_EVENT = 250;

/**
 * Whether it is time for another snapshot: the cost of a look is bounded by the events since the last one, the size of
 * the cache by the size of the ledger.
 * @param tail events since the last snapshot
 * @param bytes what that took; 0 when it is not known
 */
export const isDue = (tail: number, bytes: number): boolean =>
  tail >= Math.min(MOST, Math.max(LEAST, bytes / BYTES_PER_EVENT));
