import { randomUUID } from 'node:crypto';
import type { Kafka } from 'kafkajs';
import type { NetfoldError, Problem } from '#kernel';
import type { BusSubscription, MessageHandler, ReceivedMessage, Start } from '../bus.js';
import { closedBus, handlerFailed } from '../bus-problems.js';
import type { Topic } from '../topic.js';
import { Backoff } from './backoff.js';
import { withAdmin } from './kafka-client.js';
import { kafkaError, saysNoTopic } from './kafka-error.js';
import { LogPositions } from './log-positions.js';
import { LogReader } from './log-reader.js';
import type { TopicMaker } from './topic-maker.js';

export interface KafkaSubscriptionPorts {
  readonly kafka: Kafka;
  readonly topics: TopicMaker;
  readonly groupPrefix: string;
  readonly report: (problem: Problem) => void;
  readonly ended: () => void;
}

/** Reads a topic for ever: where one reader fails, another begins where that one was. */
export class KafkaSubscription implements BusSubscription {
  readonly ready: Promise<void>;
  readonly #readiness = Promise.withResolvers<void>();
  readonly #ended = new AbortController();
  readonly #positions = new LogPositions();
  readonly #running: Promise<void>;
  #reader: LogReader | undefined;
  #problem: NetfoldError | undefined;
  #unhandled = 0;

  constructor(
    private readonly topic: Topic,
    private readonly start: Start,
    private readonly handler: MessageHandler,
    private readonly ports: KafkaSubscriptionPorts,
  ) {
    this.ready = this.#readiness.promise;
    this.ready.catch(() => {});
    this.#running = this.#run();
  }

  /** Why it gets nothing, if that is so. */
  get problem(): NetfoldError | undefined {
    return this.#problem;
  }

  get unhandled(): number {
    return this.#unhandled;
  }

  async close(): Promise<void> {
    this.#ended.abort();
    this.#readiness.reject(closedBus());
    this.ports.ended();
    await this.#reader?.close();
    await this.#running;
  }

  async #run(): Promise<void> {
    const backoff = new Backoff();
    const { signal } = this.#ended;
    while (!signal.aborted) {
      try {
        await this.#read(backoff);
      } catch (error) {
        if (signal.aborted) break;
        this.#failed(error);
        await backoff.wait(signal).catch(() => {});
      }
    }
  }

  /** One reader's life. */
  async #read(backoff: Backoff): Promise<void> {
    await this.ports.topics.require(this.topic);
    if (!this.#positions.known) await this.#findPositions();
    const reader = new LogReader(this.ports.kafka, `${this.ports.groupPrefix}-${randomUUID()}`, {
      topic: this.topic,
      positions: this.#positions,
      handle: (message) => this.#handle(message),
      caughtUp: () => {
        backoff.reset();
        this.#problem = undefined;
        this.#readiness.resolve();
      },
      waiting: (messages) => {
        this.#unhandled = messages;
      },
    });
    this.#reader = reader;
    try {
      if (!this.#ended.signal.aborted) await reader.run();
    } finally {
      this.#reader = undefined;
      this.#unhandled = 0;
      await reader.close();
    }
  }

  #findPositions(): Promise<void> {
    return withAdmin(this.ports.kafka, async (admin) => {
      this.#positions.begin(await admin.fetchTopicOffsets(this.topic.name), this.start);
    });
  }

  #handle(message: ReceivedMessage): void | Promise<void> {
    const failed = (error: unknown) => this.ports.report(handlerFailed(this.topic, message.key, error));
    try {
      return this.handler(message)?.catch(failed);
    } catch (error) {
      failed(error);
    }
  }

  #failed(thrown: unknown): void {
    if (saysNoTopic(thrown)) this.ports.topics.forget(this.topic);
    const error = kafkaError(thrown, this.topic);
    if (this.#problem?.message !== error.message) this.ports.report(error);
    this.#problem = error;
  }
}
