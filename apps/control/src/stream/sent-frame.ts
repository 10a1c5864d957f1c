import type { NetmapDiff } from '#netmap';

/** A frame that was handed to the transport. */
export interface SentFrame {
  readonly revision: number;
  /** The revision that it builds on; undefined in a snapshot. */
  readonly base: number | undefined;
  readonly diff: NetmapDiff;
  readonly bytes: number;
}
