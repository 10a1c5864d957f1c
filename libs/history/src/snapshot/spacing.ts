/** When snapshots are taken, and when they are used. */
export interface Spacing {
  /** Thawing a snapshot costs about as much as folding so many events. */
  readonly thaw: number;
  /**
   * Whether it is time for another snapshot.
   * @param tail events since the last one
   * @param bytes what that took; 0 when it is not known
   */
  isDue(tail: number, bytes: number): boolean;
}

/** Below this, a snapshot would save less than it costs. */
const LEAST = 5_000;
/** So many events are folded at most to reach any moment: a fraction of a second. */
const MOST = 20_000;
/** Bytes of snapshot that an event pays for: about a quarter of what it takes in the ledger. */
const BYTES_PER_EVENT = 250;

/** Bounds the cost of a look by the events since the last snapshot, and the size of the cache by that of the ledger. */
export const SPACING: Spacing = {
  thaw: 1_000,
  isDue: (tail, bytes) => tail >= Math.min(MOST, Math.max(LEAST, bytes / BYTES_PER_EVENT)),
};
