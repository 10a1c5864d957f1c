export * from './errors.js';
export * from './event.js';
export * from './event-hash.js';
export * from './event-id.js';
export * from './event-store.js';
export * from './memory/memory-event-store.js';
export * from './seal.js';
export * from './verify-chain.js';
