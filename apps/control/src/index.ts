export { firstToken } from './bootstrap/first-token.js';
export { ownerLink } from './bootstrap/owner-link.js';
export { type ControlOptions, DEFAULT_METRICS } from './config/control-options.js';
export { createLogger, LOG_LEVELS, type LogLevel } from './observability/logging/create-logger.js';
export { type RunningControl, startControl } from './start-control.js';
