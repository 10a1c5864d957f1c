/** What one side of a pair keeps: it survives a restart. Secret. */
export interface PairRecord {
  /** Of the newest agreement that this side took part in; 0 before the first. */
  readonly epoch: number;
  /** What handshakes of the peer are answered with: the peer surely accepts it. Absent before the first agreement. */
  readonly key?: Uint8Array;
  /** When that one was agreed on, ms since the Unix epoch. */
  readonly since?: number;
  /** The `PairKeys.context` that it was agreed on under. */
  readonly context?: Uint8Array;
  /** Answered, and not yet confirmed: the peer may answer with it, and may not know it. */
  readonly pending?: Uint8Array;
  /** Former ones, the youngest first, that the peer may still answer with. */
  readonly former: readonly Uint8Array[];
  /** Whether the peer is known to answer with `key`. */
  readonly settled: boolean;
}

export const EMPTY_RECORD: PairRecord = { epoch: 0, former: [], settled: true };

/** Kept at most. The peer may answer with any that was offered since it last confirmed one: so many answers in a row may be lost. */
const MAX_FORMER = 16;

/** One more that the peer may still answer with. */
export const withFormer = (record: PairRecord, key: Uint8Array | undefined): readonly Uint8Array[] =>
  key ? [key, ...record.former].slice(0, MAX_FORMER) : record.former;

/** A key that both have from now on. */
export function withKey(record: PairRecord, key: Uint8Array, since: number, context: Uint8Array): PairRecord {
  const { pending: _, ...rest } = record;
  return { ...rest, key, since, context, former: withFormer(record, record.key) };
}

/** What a WireGuard engine is told, as `PeerChanges` names it. */
export interface PresharedKeys {
  readonly presharedKey: Uint8Array;
  readonly alsoAccepted: readonly Uint8Array[];
}

const NONE = new Uint8Array(32);

/**
 * Answers are made with the key that the peer surely has. Answers of the peer may be made with the pending one, a
 * former one, or with none: the side that answers says none only when it has none, and nobody else can speak for it.
 */
export const presharedKeysOf = ({ key, pending, former }: PairRecord): PresharedKeys => {
  const others = [...(pending ? [pending] : []), ...former];
  return { presharedKey: key ?? NONE, alsoAccepted: key || others.length > 0 ? [...others, NONE] : [] };
};
