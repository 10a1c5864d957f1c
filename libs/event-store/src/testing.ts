export * from './testing/event-store-contract.js';
export * from './testing/fixtures.js';
export { KurrentServer } from './testing/kurrent-server/kurrent-server.js';
export { temporaryFolder } from './testing/temporary-folder.js';
