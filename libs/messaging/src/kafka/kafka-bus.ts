import type { Kafka } from 'kafkajs';
import type { NetfoldError, Problem } from '#kernel';
import type { Bus, BusHealth, BusSubscription, Message, MessageHandler, Start } from '../bus.js';
import { closedBus } from '../bus-problems.js';
import { requirePublishable } from '../message-rules.js';
import type { Topic } from '../topic.js';
import { kafkaClient } from './kafka-client.js';
import type { KafkaSettings } from './kafka-settings.js';
import { KafkaSubscription } from './kafka-subscription.js';
import { Outbox } from './outbox.js';
import { ProducerLink } from './producer-link.js';
import { PublishQueue } from './publish-queue.js';
import { TopicMaker } from './topic-maker.js';

/** How long what waits may take to be sent when the bus is closed. */
const CLOSE_MS = 3000;

/**
 * The bus of several control planes, over Kafka. Brokers that are away are looked for until they are back; meanwhile
 * nothing waits for them but what a compacted topic would keep.
 */
export class KafkaBus implements Bus {
  readonly #kafka: Kafka;
  readonly #topics: TopicMaker;
  readonly #acknowledged: ProducerLink;
  readonly #newest: ProducerLink;
  readonly #queues = new Map<string, PublishQueue>();
  readonly #outboxes = new Map<string, Outbox>();
  readonly #subscriptions = new Set<KafkaSubscription>();
  #closed = false;

  /** @param report told of what goes wrong, once for as long as it stays the same */
  constructor(
    private readonly settings: KafkaSettings,
    private readonly report: (problem: Problem) => void,
  ) {
    this.#kafka = kafkaClient(settings);
    this.#topics = new TopicMaker(this.#kafka, settings);
    this.#acknowledged = new ProducerLink(this.#kafka, this.#topics, true, report);
    this.#newest = new ProducerLink(this.#kafka, this.#topics, false, report);
  }

  async publish(topic: Topic, ...messages: readonly Message[]): Promise<void> {
    if (this.#closed) throw closedBus();
    for (const message of messages) requirePublishable(topic, message);
    if (topic.keeps === 'newest-per-key') this.#outbox(topic).publish(messages);
    else await this.#queue(topic).publish(messages);
  }

  subscribe(topic: Topic, start: Start, handler: MessageHandler): BusSubscription {
    if (this.#closed) throw closedBus();
    const subscription = new KafkaSubscription(topic, start, handler, {
      kafka: this.#kafka,
      topics: this.#topics,
      groupPrefix: this.settings.groupPrefix ?? 'netfold',
      report: this.report,
      ended: () => this.#subscriptions.delete(subscription),
    });
    this.#subscriptions.add(subscription);
    return subscription;
  }

  health(): BusHealth {
    const problem = this.#problem();
    const sinks = [...this.#queues.values(), ...this.#outboxes.values()];
    return {
      connected: !this.#closed && problem === undefined,
      ...(problem && { problem }),
      waiting: sinks.reduce((sum, { waiting }) => sum + waiting, 0),
      dropped: sinks.reduce((sum, { dropped }) => sum + dropped, 0),
      unhandled: [...this.#subscriptions].reduce((sum, { unhandled }) => sum + unhandled, 0),
    };
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#outboxes.values()].map((outbox) => outbox.close(CLOSE_MS)));
    await Promise.all([...this.#queues.values()].map((queue) => queue.close()));
    await Promise.all([...this.#subscriptions].map((subscription) => subscription.close()));
    await Promise.all([this.#acknowledged.close(), this.#newest.close()]);
  }

  #problem(): NetfoldError | undefined {
    const reading = [...this.#subscriptions].find(({ problem }) => problem);
    return this.#acknowledged.problem ?? this.#newest.problem ?? reading?.problem;
  }

  #queue(topic: Topic): PublishQueue {
    const queue = this.#queues.get(topic.name) ?? new PublishQueue(topic, this.#acknowledged);
    this.#queues.set(topic.name, queue);
    return queue;
  }

  #outbox(topic: Topic): Outbox {
    const outbox = this.#outboxes.get(topic.name) ?? new Outbox(topic, this.#newest, this.report);
    this.#outboxes.set(topic.name, outbox);
    return outbox;
  }
}
