export * from './testing/event-store-contract.js';
export * from './testing/fixtures.js';
export type { AppendFault } from './testing/kurrent-server/faults.js';
export { KurrentLog } from './testing/kurrent-server/kurrent-log.js';
export { KurrentServer } from './testing/kurrent-server/kurrent-server.js';
export { LogFile } from './testing/kurrent-server/log-file.js';
export { temporaryFolder } from './testing/temporary-folder.js';
