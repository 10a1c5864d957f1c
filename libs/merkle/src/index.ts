export * from './checkpoint.js';
export * from './compact-range.js';
export * from './note.js';
export * from './proofs.js';
export * from './tile-tree.js';
export * from './tree-hasher.js';
export * from './verifier-key.js';
export * from './verify-proofs.js';
