import type { FlowKey } from '../packet/flow-key.js';
import type { PeerEntry } from '../rules/peer-entry.js';
import { VERDICT, type Verdict } from '../verdict.js';

/** Who sent the first packet. */
export type Initiator = 'self' | 'peer';

/** One conversation. Its key does not hold the peer: a route may move to another peer while it lasts. */
export class Flow {
  /** When it is forgotten, in milliseconds. */
  expires = 0;
  /** When it had its first packet, and when its last, in milliseconds. */
  firstSeen = 0;
  lastSeen = 0;
  /** Whether it was taken for the flow logs after its last packet. */
  taken = false;
  /** Who has sent something, and who has ended it: bits of `SEEN` in flow-lifetime.ts. */
  seen = 0;

  // Places in the bucket and in the order of use; the table's own.
  inBucket: Flow | undefined;
  older: Flow | undefined;
  newer: Flow | undefined;

  constructor(
    readonly key: FlowKey,
    readonly hash: number,
    readonly initiator: Initiator,
    public peer: PeerEntry,
    /** What its packets from the peer are answered with. */
    public verdict: Verdict,
    /** The generation of the rules that the verdict is of. */
    public generation: number,
  ) {}

  /** Permitted once, and no longer. It is kept so that this node's answers do not look like a flow of its own. */
  get revoked(): boolean {
    return this.verdict === VERDICT.revoked;
  }
}
