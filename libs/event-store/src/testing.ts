export * from './testing/event-store-contract.js';
export * from './testing/fixtures.js';
