import { NetfoldError } from '#kernel';
import type { Message } from '../bus.js';
import { closedBus, fullBus } from '../bus-problems.js';
import type { Topic } from '../topic.js';
import { Backoff } from './backoff.js';
import { batchSize } from './batch-limits.js';
import { kafkaError } from './kafka-error.js';
import type { ProducerLink } from './producer-link.js';

/** Keys that may wait for the brokers to come back; a message is a few hundred bytes. */
const MAX_KEYS = 200_000;

/**
 * Messages to a topic that keeps the newest per key. Of several under one key only the last is sent, so it never holds
 * more than there are keys, however long the brokers are away, and loses nothing that the topic would have kept.
 */
export class Outbox {
  #newest = new Map<string, Message>();
  #sending: readonly Message[] = [];
  #dropped = 0;
  #closed = false;
  #running: Promise<void> | undefined;
  readonly #ended = new AbortController();

  /** @param report told why something is not sent */
  constructor(
    private readonly topic: Topic,
    private readonly link: ProducerLink,
    private readonly report: (problem: NetfoldError) => void,
  ) {}

  get waiting(): number {
    return this.#newest.size + this.#sending.length;
  }

  get dropped(): number {
    return this.#dropped;
  }

  /** @throws NetfoldError `bus.full`, `bus.closed` */
  publish(messages: readonly Message[]): void {
    if (this.#closed) throw closedBus();
    const fresh = messages.filter(({ key }) => !this.#newest.has(key)).length;
    if (fresh > 0 && this.#newest.size + fresh > MAX_KEYS) {
      this.#dropped += messages.length;
      throw fullBus(this.topic, MAX_KEYS);
    }
    for (const message of messages) this.#newest.set(message.key, message);
    this.#running ??= this.#run();
  }

  /** Sends what waits if the brokers are there, and gives it up when they are not after so many milliseconds. */
  async close(withinMs: number): Promise<void> {
    this.#closed = true;
    const late = setTimeout(() => this.#ended.abort(), withinMs);
    await this.#running;
    clearTimeout(late);
    this.#dropped += this.#newest.size;
    this.#newest.clear();
  }

  async #run(): Promise<void> {
    await Promise.resolve();
    const backoff = new Backoff();
    while (this.#newest.size > 0 && !this.#ended.signal.aborted) {
      const batch = this.#take();
      this.#sending = batch;
      try {
        await this.link.send(this.topic, batch);
        backoff.reset();
      } catch (error) {
        await this.#failed(batch, kafkaError(error, this.topic), backoff);
      }
      this.#sending = [];
    }
    this.#running = undefined;
  }

  #take(): readonly Message[] {
    const count = batchSize(this.#newest.values());
    const batch = [...this.#newest.values()].slice(0, count);
    for (const { key } of batch) this.#newest.delete(key);
    return batch;
  }

  async #failed(batch: readonly Message[], error: NetfoldError, backoff: Backoff): Promise<void> {
    if (error.code === 'bus.too_large' && batch.length === 1) {
      this.#dropped += 1;
      this.report(error);
      return;
    }
    if (error.code !== 'bus.unavailable') this.report(error);
    // In front of what came since, where nothing newer has come.
    this.#newest = new Map([...batch.map((message) => [message.key, message] as const), ...this.#newest]);
    await backoff.wait(this.#ended.signal).catch(() => {});
  }
}
