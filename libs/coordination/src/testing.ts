export * from './testing/registers-contract.js';
