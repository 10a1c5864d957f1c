import type { LedgerHead } from '#wire';

/** What takes an agent from a ledger that it knows to the newest. */
export interface LedgerStep {
  /** Of the newest ledger. */
  readonly size: number;
  /** The signed checkpoint and its proof, as a frame takes them. */
  readonly encoded: Uint8Array;
}

/** The signed ledger of a tailnet as a stream needs it: it contains the newest network at least. */
export interface CheckpointSource {
  /** Whether this was the ledger when it had that size. */
  hasBeen(head: LedgerHead): boolean;
  /** @param from the size of the ledger that the agent knows; 0 when it knows none */
  since(from: number): LedgerStep;
}
