export * from './address.js';
export * from './address-pool.js';
export * from './checksum.js';
export * from './prefix.js';
export * from './prefix-trie.js';
