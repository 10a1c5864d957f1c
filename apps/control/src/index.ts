export { firstToken } from './bootstrap/first-token.js';
export type { ControlOptions } from './config/control-options.js';
export { type RunningControl, startControl } from './start-control.js';
