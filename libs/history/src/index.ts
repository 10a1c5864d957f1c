export { History, type HistoryPorts } from './history.js';
export { type Moment, parseMoment } from './moment.js';
export { type Life, Names } from './names.js';
export { FileSnapshotCache } from './snapshot/file-snapshot-cache.js';
export { MemorySnapshotCache } from './snapshot/memory-snapshot-cache.js';
export type { SnapshotCache, SnapshotKey, SnapshotPart } from './snapshot/snapshot-cache.js';
export { type Checkpoint, type SnapshotPorts, type Standing, StreamSnapshots } from './snapshot/stream-snapshots.js';
export { stateDigests } from './state-digest.js';
