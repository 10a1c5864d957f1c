export * from './contract/fixtures.js';
