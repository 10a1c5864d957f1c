/**
 * `state`: what a tailnet was at a revision; kept for all revisions that history may be asked about. `rest`: what a
 * start needs beside it and history does not (commands that were carried out, names of what is gone); kept for the
 * newest revisions only.
 */
export type SnapshotPart = 'state' | 'rest';

export interface SnapshotKey {
  readonly stream: string;
  readonly revision: number;
  readonly part: SnapshotPart;
}

/**
 * Where snapshots are kept: a cache beside the ledger, that may lose anything at any time and is never trusted. Failures
 * are those of the storage, as they come.
 */
export interface SnapshotCache {
  /** Of all that is kept of a stream, ascending. */
  revisions(stream: string, part: SnapshotPart): Promise<readonly number[]>;
  /** What was written; undefined when there is no such thing. */
  read(key: SnapshotKey): Promise<Uint8Array | undefined>;
  /** All or nothing, in place of what was there. */
  write(key: SnapshotKey, bytes: Uint8Array): Promise<void>;
  remove(key: SnapshotKey): Promise<void>;
  /** Removes all that is kept of a stream, and what writes that were cut off have left. */
  discard(stream: string): Promise<void>;
}
