export * from './testing/ledger-of.js';
export * from './testing/snapshot-cache-contract.js';
export * from './testing/snapshot-ports.js';
