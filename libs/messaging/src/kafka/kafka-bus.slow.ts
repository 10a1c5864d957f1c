import { afterAll, beforeAll } from '@jest/globals';
import { busContract } from '../testing/bus-contract.js';
import { KafkaLocal } from '../testing/kafka-local.js';
import { KafkaBus } from './kafka-bus.js';

let broker: KafkaLocal;
beforeAll(async () => {
  broker = await KafkaLocal.start();
});
afterAll(() => broker?.dispose());

busContract('Kafka', { runs: 3 }, () => ({
  open: (report) => new KafkaBus({ brokers: [broker.address], partitions: 3 }, report),
}));
