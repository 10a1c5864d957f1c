import { create, toBinary } from '@bufbuild/protobuf';
import { type Checkpoint as CheckpointMessage, CheckpointSchema } from './gen/netfold/v1/agent_pb.js';
import { safeNumber } from './malformed.js';

/** A ledger by the number of its events and the root of the Merkle tree over them. */
export interface LedgerHead {
  readonly size: number;
  readonly root: Uint8Array;
}

/** What a server says about its ledger, and why that only adds to what it has said to this agent before. */
export interface CheckpointStep {
  /** A signed note. */
  readonly note: string;
  /** The size of the ledger that the agent was told of last; 0 when it has named none. */
  readonly from: number;
  /** The consistency proof from that size to the note's. */
  readonly proof: readonly Uint8Array[];
  /** The key that the note is signed with, for an agent that has not pinned one. */
  readonly key?: string;
}

/** A checkpoint as it goes into frames: encoded once for all agents that were told the same before. */
export function encodeCheckpoint({ note, from, proof, key = '' }: CheckpointStep): Uint8Array {
  return toBinary(CheckpointSchema, create(CheckpointSchema, { note, from: BigInt(from), proof: [...proof], key }));
}

/** @throws NetfoldError `wire.malformed` */
export const checkpointFrom = ({ note, from, proof, key }: CheckpointMessage): CheckpointStep => ({
  note,
  from: safeNumber('checkpoint.from', from),
  proof,
  ...(key && { key }),
});
