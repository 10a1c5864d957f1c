import { snapshotCacheContract } from '../testing/snapshot-cache-contract.js';
import { MemorySnapshotCache } from './memory-snapshot-cache.js';

snapshotCacheContract('memory', () => new MemorySnapshotCache());
