import { NetfoldError } from '#kernel';
import type { Topic } from '../topic.js';

/** What Kafka calls failures (KIP-less error names of the protocol) that trying again does not mend. */
const REFUSALS: ReadonlySet<string> = new Set([
  'TOPIC_AUTHORIZATION_FAILED',
  'GROUP_AUTHORIZATION_FAILED',
  'CLUSTER_AUTHORIZATION_FAILED',
  'TRANSACTIONAL_ID_AUTHORIZATION_FAILED',
  'INVALID_TOPIC_EXCEPTION',
  'INVALID_REPLICATION_FACTOR',
  'INVALID_CONFIG',
  'POLICY_VIOLATION',
  'INVALID_RECORD',
  'UNSUPPORTED_VERSION',
]);

const TOO_LARGE: ReadonlySet<string> = new Set(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE']);

/** The coded failure behind what kafkajs threw while it was at a topic, or on its way to the brokers. */
export function kafkaError(thrown: unknown, topic?: Topic): NetfoldError {
  if (thrown instanceof NetfoldError) return thrown;
  const { type, name, message } = rootOf(thrown);
  const where = topic === undefined ? {} : { where: topic.name };
  const options = { cause: thrown };
  if (type !== undefined && TOO_LARGE.has(type)) {
    const hint = 'raise max.message.bytes of the topic';
    return new NetfoldError({ code: 'bus.too_large', message: `Kafka refuses: ${message}`, ...where, hint }, options);
  }
  if (name === 'KafkaJSSASLAuthenticationError' || name === 'KafkaJSUnsupportedMagicByteInMessageSet') {
    const hint = 'look at the mechanism, the user and the password in the options file of --kafka';
    return new NetfoldError({ code: 'bus.refused', message: `Kafka refuses: ${message}`, ...where, hint }, options);
  }
  if (type !== undefined && REFUSALS.has(type)) {
    const hint = 'look at what the cluster allows this user (ACLs) and at its limits';
    return new NetfoldError({ code: 'bus.refused', message: `Kafka refuses: ${message}`, ...where, hint }, options);
  }
  return new NetfoldError({ code: 'bus.unavailable', message: `Kafka cannot be used: ${message}`, ...where }, options);
}

/** Whether Kafka says that there is no such topic. */
export const saysNoTopic = (thrown: unknown): boolean => rootOf(thrown).type === 'UNKNOWN_TOPIC_OR_PARTITION';

interface Failure {
  readonly name: string;
  readonly message: string;
  readonly type?: string | undefined;
}

/** kafkajs wraps what happened once for each layer that gave up. */
function rootOf(thrown: unknown): Failure {
  if (!(thrown instanceof Error)) return { name: '', message: String(thrown) };
  const type = 'type' in thrown && typeof thrown.type === 'string' ? thrown.type : undefined;
  if (type === undefined && thrown.cause instanceof Error) return rootOf(thrown.cause);
  const inner = 'errors' in thrown && Array.isArray(thrown.errors) ? thrown.errors[0] : undefined;
  if (type === undefined && inner instanceof Error) return rootOf(inner);
  return { name: thrown.name, message: thrown.message, type };
}
