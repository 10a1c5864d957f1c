import type { EventStore } from '#event-store';
import type { Problem } from '#kernel';
import { MemorySnapshotCache } from '../snapshot/memory-snapshot-cache.js';
import type { SnapshotPorts } from '../snapshot/stream-snapshots.js';

/** Ports for a test, and what was reported through them. */
export interface TestSnapshotPorts extends SnapshotPorts {
  readonly reported: Problem[];
}

/** Snapshots in memory, unless another cache is given, of every eighth state. */
export function testSnapshotPorts(kept: EventStore, changes: Partial<SnapshotPorts> = {}): TestSnapshotPorts {
  const reported: Problem[] = [];
  return {
    cache: new MemorySnapshotCache(),
    secret: new Uint8Array(32).fill(7),
    release: '1.0.0',
    kept,
    spacing: { thaw: 0, isDue: (tail) => tail >= 8 },
    report: (problem) => reported.push(problem),
    ...changes,
    reported,
  };
}
