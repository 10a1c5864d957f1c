import kafkajs, { type Kafka, type Message as KafkaMessage, type Producer } from 'kafkajs';
import type { NetfoldError } from '#kernel';
import type { Message } from '../bus.js';
import type { Topic } from '../topic.js';
import { Backoff } from './backoff.js';
import { kafkaError, saysNoTopic } from './kafka-error.js';
import type { TopicMaker } from './topic-maker.js';

/** How long a broker may take to have a batch durably, and how often it is offered the batch, within one send. */
const [ACK_MS, RETRIES] = [5000, 2];
/** When a send that has not ended is given up, in milliseconds. */
const DEADLINE_MS = 8000;

/**
 * A connection to produce with that is always there or being made. A producer whose batch failed is never used again: of
 * an idempotent one the broker may have that batch, and would take the next one, which has its number, for a repetition.
 */
export class ProducerLink {
  #producer: Producer | undefined;
  #connecting: Promise<Producer> | undefined;
  #problem: NetfoldError | undefined;
  readonly #ended = new AbortController();

  /**
   * @param idempotent whether a batch that is repeated within one send may be there once only. Not for compacted topics:
   * the cleaner keeps empty batches of idempotent producers (KIP-360), which kafkajs reads again and again.
   * @param report told when the brokers go away
   */
  constructor(
    private readonly kafka: Kafka,
    private readonly topics: TopicMaker,
    private readonly idempotent: boolean,
    private readonly report: (problem: NetfoldError) => void,
  ) {}

  /** Why the last attempt to connect or to send failed, until one succeeds. */
  get problem(): NetfoldError | undefined {
    return this.#problem;
  }

  /**
   * Resolves when all replicas that must have the messages have them.
   * @throws NetfoldError `bus.unavailable`, at once while the brokers are away; `bus.topic_missing`, `bus.refused`, `bus.too_large`
   */
  async send(topic: Topic, messages: readonly Message[]): Promise<void> {
    const producer = await this.#ready();
    try {
      await withDeadline(this.#offer(producer, topic, messages));
      this.#problem = undefined;
    } catch (thrown) {
      if (saysNoTopic(thrown)) this.topics.forget(topic);
      const error = kafkaError(thrown, topic);
      if (error.code !== 'bus.topic_missing') this.#lost(producer, error);
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#ended.abort();
    await this.#connecting?.catch(() => {});
    await this.#producer?.disconnect().catch(() => {});
    this.#producer = undefined;
  }

  async #offer(producer: Producer, topic: Topic, messages: readonly Message[]): Promise<void> {
    await this.topics.require(topic);
    await producer.send({ topic: topic.name, acks: -1, timeout: ACK_MS, messages: messages.map(toKafka) });
  }

  /** Those who come while the first attempt runs wait for it; those who come while the brokers are known to be away do not. */
  async #ready(): Promise<Producer> {
    if (this.#producer) return this.#producer;
    if (this.#problem && this.#connecting) throw this.#problem;
    return this.#connecting ?? this.#connect();
  }

  /** One promise for the first success or the first failure; behind it, attempts go on until one succeeds. */
  #connect(): Promise<Producer> {
    const outcome = Promise.withResolvers<Producer>();
    outcome.promise.catch(() => {});
    this.#connecting = this.#attempts(outcome.reject).then((producer) => {
      outcome.resolve(producer);
      return producer;
    });
    this.#connecting.catch(outcome.reject).finally(() => {
      this.#connecting = undefined;
    });
    return outcome.promise;
  }

  async #attempts(failed: (error: NetfoldError) => void): Promise<Producer> {
    const backoff = new Backoff();
    for (;;) {
      this.#ended.signal.throwIfAborted();
      const producer = this.#make();
      try {
        await producer.connect();
        this.#ended.signal.throwIfAborted();
        this.#producer = producer;
        this.#problem = undefined;
        return producer;
      } catch (thrown) {
        void producer.disconnect().catch(() => {});
        const error = kafkaError(thrown);
        this.#fail(error);
        failed(error);
        await backoff.wait(this.#ended.signal);
      }
    }
  }

  #make(): Producer {
    return this.kafka.producer({
      idempotent: this.idempotent,
      allowAutoTopicCreation: false,
      createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
      // One at a time, since a batch that overtakes another one would change the order.
      maxInFlightRequests: 1,
      retry: { retries: RETRIES, initialRetryTime: 100, maxRetryTime: 1000 },
    });
  }

  #lost(producer: Producer, error: NetfoldError): void {
    if (this.#producer !== producer) return;
    this.#producer = undefined;
    void producer.disconnect().catch(() => {});
    if (error.code !== 'bus.unavailable') return;
    this.#fail(error);
    void this.#connect();
  }

  #fail(error: NetfoldError): void {
    if (this.#ended.signal.aborted) return;
    if (this.#problem?.message !== error.message) this.report(error);
    this.#problem = error;
  }
}

const toKafka = ({ key, value, headers = {} }: Message): KafkaMessage => ({
  key,
  value: value === undefined ? null : Buffer.from(value.buffer, value.byteOffset, value.byteLength),
  headers: { ...headers },
});

async function withDeadline(work: Promise<void>): Promise<void> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`no answer after ${DEADLINE_MS} ms`)), DEADLINE_MS);
  try {
    await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
    // What fails after its deadline has been told already.
    work.catch(() => {});
  }
}
