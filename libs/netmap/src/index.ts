export * from './digest.js';
export * from './item.js';
export * from './netmap.js';
