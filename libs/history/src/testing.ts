export * from './testing/snapshot-ports.js';
