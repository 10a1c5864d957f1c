export type { ControlOptions, ListenAddress } from './config/control-options.js';
export { type RunningControl, startControl } from './start-control.js';
