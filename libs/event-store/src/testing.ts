export * from './testing/event-store-contract.js';
export * from './testing/fixtures.js';
export { temporaryFolder } from './testing/temporary-folder.js';
