/** What all streams of this process have done: plain numbers, which metrics and the API read when they are asked. */
export interface StreamCounters {
  snapshots: number;
  diffs: number;
  bytes: number;
  /** Streams that went on from what the agent had. */
  resumed: number;
  /** Agents whose netmap was not what it was at the revision they named: an alarm. */
  resumesRefused: number;
  /** Streams of agents that had nothing, or nothing that this server remembers. */
  fresh: number;
  /** Netmaps that an agent could not apply, or applied to another result: an alarm. */
  netmapsRefused: number;
  /** Those of them that it has, and that its machine does not do all of. */
  notInForce: number;
  /** By the type of the newest event in a frame; `snapshot`, `resume`; `presence`, `letter`; `control`. */
  readonly sent: Record<string, { messages: number; bytes: number }>;
}

export const newStreamCounters = (): StreamCounters => ({
  snapshots: 0,
  diffs: 0,
  bytes: 0,
  resumed: 0,
  resumesRefused: 0,
  fresh: 0,
  netmapsRefused: 0,
  notInForce: 0,
  sent: Object.create(null), // an event may be called like what every object has
});

/** @param cause see `StreamCounters.sent` */
export function countSent(counters: StreamCounters, cause: string, bytes: number): void {
  counters.bytes += bytes;
  const known = counters.sent[cause];
  if (known) {
    known.messages += 1;
    known.bytes += bytes;
  } else counters.sent[cause] = { messages: 1, bytes };
}
