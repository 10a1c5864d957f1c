import type { ITopicConfig, Kafka } from 'kafkajs';
import { NetfoldError } from '#kernel';
import type { Topic } from '../topic.js';
import { withAdmin } from './kafka-client.js';
import { kafkaError, saysNoTopic } from './kafka-error.js';
import type { KafkaSettings } from './kafka-settings.js';

const DEFAULT_PARTITIONS = 6;
/** What the broker is asked for when the cluster shall decide (KIP-464). */
const AS_THE_CLUSTER_DOES = -1;
const [MIN_SEGMENT_MS, MAX_SEGMENT_MS] = [60_000, 24 * 3_600_000];

/** Makes sure that topics exist, each asked for once. */
export class TopicMaker {
  readonly #there = new Map<string, Promise<void>>();

  constructor(
    private readonly kafka: Kafka,
    private readonly settings: KafkaSettings,
  ) {}

  /** @throws NetfoldError `bus.topic_missing` with what makes it; `bus.unavailable`, `bus.refused` */
  async require(topic: Topic): Promise<void> {
    const asked = this.#there.get(topic.name) ?? this.#ask(topic);
    this.#there.set(topic.name, asked);
    try {
      await asked;
    } catch (error) {
      this.#there.delete(topic.name);
      throw error;
    }
  }

  /** The topic is looked for again next time: somebody has said that it is gone. */
  forget(topic: Topic): void {
    this.#there.delete(topic.name);
  }

  #ask(topic: Topic): Promise<void> {
    return withAdmin(this.kafka, async (admin) => {
      try {
        await admin.fetchTopicMetadata({ topics: [topic.name] });
        return;
      } catch (error) {
        if (!saysNoTopic(error)) throw error;
      }
      try {
        await admin.createTopics({ topics: [this.#config(topic)], waitForLeaders: true });
      } catch (error) {
        throw this.#missing(topic, kafkaError(error, topic));
      }
    }).catch((error: unknown) => {
      throw kafkaError(error, topic);
    });
  }

  #config(topic: Topic): ITopicConfig {
    return {
      topic: topic.name,
      numPartitions: this.settings.partitions ?? DEFAULT_PARTITIONS,
      replicationFactor: this.settings.replicationFactor ?? AS_THE_CLUSTER_DOES,
      configEntries: Object.entries(topicConfig(topic)).map(([name, value]) => ({ name, value })),
    };
  }

  #missing(topic: Topic, why: NetfoldError): NetfoldError {
    if (why.code === 'bus.unavailable') return why;
    const { numPartitions, configEntries = [] } = this.#config(topic);
    const config = configEntries.map(({ name, value }) => `--config ${name}=${value}`).join(' ');
    const [broker] = this.settings.brokers;
    return new NetfoldError(
      {
        code: 'bus.topic_missing',
        message: `the topic does not exist, and Kafka does not let it be made: ${why.message}`,
        where: topic.name,
        hint: `kafka-topics.sh --bootstrap-server ${broker} --create --topic ${topic.name} --partitions ${numPartitions} ${config}`,
      },
      { cause: why },
    );
  }
}

/** Segments end early enough for what is too old to go when its time has come. */
function topicConfig({ keeps }: Topic): Readonly<Record<string, string>> {
  if (keeps === 'newest-per-key') return { 'cleanup.policy': 'compact', 'segment.ms': String(MAX_SEGMENT_MS) };
  const segment = Math.min(MAX_SEGMENT_MS, Math.max(MIN_SEGMENT_MS, Math.round(keeps.forMs / 4)));
  return { 'cleanup.policy': 'delete', 'retention.ms': String(keeps.forMs), 'segment.ms': String(segment) };
}
