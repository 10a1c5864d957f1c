import type { NetfoldError } from '#kernel';
import type { Message } from '../bus.js';
import { closedBus, fullBus } from '../bus-problems.js';
import type { Topic } from '../topic.js';
import { batchSize } from './batch-limits.js';
import { kafkaError } from './kafka-error.js';
import type { ProducerLink } from './producer-link.js';

/** As many as may wait while one batch is on its way. */
const MAX_WAITING = 20_000;

/** One call of `publish`: it succeeds as a whole, or fails with its first failure. */
interface Call {
  left: number;
  readonly resolve: () => void;
  readonly reject: (error: NetfoldError) => void;
}

interface Waiting {
  readonly message: Message;
  readonly call: Call;
}

/** Messages to one topic whose publishers wait for the acknowledgement: one batch on its way at a time, in order. */
export class PublishQueue {
  #waiting: Waiting[] = [];
  #dropped = 0;
  #closed = false;
  #running: Promise<void> | undefined;

  constructor(
    private readonly topic: Topic,
    private readonly link: Pick<ProducerLink, 'send'>,
  ) {}

  get waiting(): number {
    return this.#waiting.length;
  }

  get dropped(): number {
    return this.#dropped;
  }

  async publish(messages: readonly Message[]): Promise<void> {
    if (this.#closed) throw closedBus();
    if (messages.length === 0) return;
    if (this.#waiting.length > 0 && this.#waiting.length + messages.length > MAX_WAITING) {
      this.#dropped += messages.length;
      throw fullBus(this.topic, MAX_WAITING);
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const call = { left: messages.length, resolve, reject };
    for (const message of messages) this.#waiting.push({ message, call });
    this.#running ??= this.#run();
    return promise;
  }

  /** What waits is sent, or refused when the brokers are away. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#running;
  }

  async #run(): Promise<void> {
    // What is published in the same turn goes together.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, batchSize(messagesOf(this.#waiting)));
      try {
        await this.link.send(
          this.topic,
          batch.map(({ message }) => message),
        );
        for (const { call } of batch) if (--call.left === 0) call.resolve();
      } catch (error) {
        this.#fail(batch, kafkaError(error, this.topic));
      }
    }
    this.#running = undefined;
  }

  /** What shared a batch with a message that is refused is refused as well; what comes after it has another try. */
  #fail(batch: readonly Waiting[], error: NetfoldError): void {
    const failed = new Set(batch.map(({ call }) => call));
    const rest = this.#waiting.filter(({ call }) => failed.has(call));
    this.#waiting = this.#waiting.filter(({ call }) => !failed.has(call));
    this.#dropped += batch.length + rest.length;
    for (const call of failed) call.reject(error);
  }
}

function* messagesOf(waiting: readonly Waiting[]): Generator<Message> {
  for (const { message } of waiting) yield message;
}
