export { KurrentRegisters } from './kurrentdb/kurrent-registers.js';
export { type Holding, type LeaseOptions, Leases, type LeaseWork } from './lease/leases.js';
export { type Stopwatch, systemStopwatch } from './lease/stopwatch.js';
export { MemoryRegisters } from './memory/memory-registers.js';
export { type Next, Records } from './records/records.js';
export * from './registers.js';
export { sealedRegisters } from './sealed-registers.js';
export { openText, sealText } from './sealed-text.js';
export { SqliteRegisters } from './sqlite/sqlite-registers.js';
