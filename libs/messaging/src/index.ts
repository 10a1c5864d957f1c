export * from './bus.js';
export { KafkaBus } from './kafka/kafka-bus.js';
export type { KafkaSettings } from './kafka/kafka-settings.js';
export { LocalBus } from './local/local-bus.js';
export { openBus } from './open-bus.js';
export * from './topic.js';
