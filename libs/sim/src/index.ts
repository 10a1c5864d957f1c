export { Dice } from './dice.js';
export { fuzz, fuzzSeeds, heapInUse } from './fuzz.js';
export { Mutator } from './mutator.js';
export { type Machine, Scheduler } from './scheduler.js';
export {
  type ConnectionEnd,
  type ConnectionListener,
  type ConnectionQuality,
  SimulatedConnection,
} from './simulated-connection.js';
export { FAIR, SimulatedInternet, type Weather } from './simulated-internet.js';
