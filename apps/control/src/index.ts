export { knownServerSecret } from './auth/server-secret.js';
export { firstToken } from './bootstrap/first-token.js';
export { ownerLink } from './bootstrap/owner-link.js';
export type { ControlOptions } from './config/control-options.js';
export { createLogger } from './observability/logging/create-logger.js';
export { type RunningControl, startControl } from './start-control.js';
