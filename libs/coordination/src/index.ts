export { KurrentRegisters } from './kurrentdb/kurrent-registers.js';
export { MemoryRegisters } from './memory/memory-registers.js';
export * from './registers.js';
export { SqliteRegisters } from './sqlite/sqlite-registers.js';
