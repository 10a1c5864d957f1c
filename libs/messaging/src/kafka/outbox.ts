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
  /** How many go together: fewer after brokers have found a batch too large, until one is taken. */
  #most = Infinity;
  #told: string | undefined;
  readonly #ended = new AbortController();

  /** @param report told why something is not sent, once for as long as it stays the same */
  constructor(
    private readonly topic: Topic,
    private readonly link: Pick<ProducerLink, 'send'>,
    private readonly report: (problem: NetfoldError) => void,
    private readonly backoff: Pick<Backoff, 'wait' | 'reset'> = new Backoff(),
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
    while (this.#newest.size > 0 && !this.#ended.signal.aborted) {
      const batch = this.#take();
      this.#sending = batch;
      try {
        await this.link.send(this.topic, batch);
        this.#sent();
      } catch (error) {
        await this.#failed(batch, kafkaError(error, this.topic));
      }
      this.#sending = [];
    }
    this.#running = undefined;
  }

  #take(): readonly Message[] {
    const count = Math.min(this.#most, batchSize(this.#newest.values()));
    const batch: Message[] = [];
    for (const message of this.#newest.values()) {
      if (batch.push(message) >= count) break;
    }
    for (const { key } of batch) this.#newest.delete(key);
    return batch;
  }

  #sent(): void {
    this.backoff.reset();
    this.#most *= 2;
    this.#told = undefined;
  }

  async #failed(batch: readonly Message[], error: NetfoldError): Promise<void> {
    if (error.code !== 'bus.unavailable' && error.message !== this.#told) this.report(error);
    this.#told = error.message;
    if (error.code !== 'bus.too_large') {
      this.#putBack(batch);
      await this.backoff.wait(this.#ended.signal).catch(() => {});
    } else if (batch.length > 1) {
      this.#most = Math.ceil(batch.length / 2);
      this.#putBack(batch);
    } else this.#dropped += 1;
  }

  /** In front of what came since, where nothing newer has come. */
  #putBack(batch: readonly Message[]): void {
    this.#newest = new Map([...batch.map((message) => [message.key, message] as const), ...this.#newest]);
    this.#sending = [];
  }
}
