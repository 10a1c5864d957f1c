export * from './bus.js';
export { LocalBus } from './local/local-bus.js';
export * from './topic.js';
