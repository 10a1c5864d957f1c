export { type Carried, SimulatedNodes } from './testing/simulated-nodes.js';
