import type { Problem } from '#kernel';
import type { Bus } from './bus.js';
import { KafkaBus } from './kafka/kafka-bus.js';
import { readKafkaOption } from './kafka/read-kafka-option.js';
import { LocalBus } from './local/local-bus.js';

/**
 * The bus that `--kafka` names, or one within this process. It connects when it is used; brokers that cannot be reached
 * are told to `report` and tried again.
 * @throws NetfoldError `bus.bad_option`, `bus.password_in_option`, `bus.options_unreadable`
 */
export const openBus = (kafka: string | undefined, report: (problem: Problem) => void): Bus =>
  kafka === undefined ? new LocalBus(report) : new KafkaBus(readKafkaOption(kafka), report);
