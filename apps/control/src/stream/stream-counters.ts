/** What all streams of this process have done. */
export interface StreamCounters {
  snapshots: number;
  diffs: number;
  bytes: number;
  /** Streams that went on from what the agent had. */
  resumed: number;
  /** Agents whose netmap was not what it was at the revision they named: an alarm. */
  resumesRefused: number;
  /** Netmaps that an agent could not apply, or applied to another result: an alarm. */
  netmapsRefused: number;
}

export const newStreamCounters = (): StreamCounters => ({
  snapshots: 0,
  diffs: 0,
  bytes: 0,
  resumed: 0,
  resumesRefused: 0,
  netmapsRefused: 0,
});
