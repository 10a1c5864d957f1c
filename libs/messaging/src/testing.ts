export { type BusContractOptions, busContract } from './testing/bus-contract.js';
export { BusRecorder } from './testing/bus-recorder.js';
export type { BusFactory, BusHarness } from './testing/bus-under-test.js';
export { KafkaLocal } from './testing/kafka-local.js';
