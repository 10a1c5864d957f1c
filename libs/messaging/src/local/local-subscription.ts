import type { Problem } from '#kernel';
import type { BusSubscription, MessageHandler, ReceivedMessage } from '../bus.js';
import { closedBus, handlerFailed } from '../bus-problems.js';
import type { Topic } from '../topic.js';

/** A handler that is so far behind loses the oldest: a process must not fill up because one of its parts is stuck. */
const MAX_UNHANDLED = 100_000;

/** Hands messages to one handler, one at a time, never within the call that brought them. */
export class LocalSubscription implements BusSubscription {
  readonly ready: Promise<void>;
  #dropped = 0;
  #queue: ReceivedMessage[];
  #next = 0;
  #closed = false;
  #running: Promise<void> | undefined;

  /** @param kept what comes first, before the subscription is ready */
  constructor(
    private readonly topic: Topic,
    kept: readonly ReceivedMessage[],
    private readonly handler: MessageHandler,
    private readonly report: (problem: Problem) => void,
    private readonly ended: () => void,
  ) {
    this.#queue = [...kept];
    this.ready = this.#handleKept(kept.length);
    this.ready.catch(() => {});
  }

  get dropped(): number {
    return this.#dropped;
  }

  get unhandled(): number {
    return this.#queue.length - this.#next;
  }

  take(message: ReceivedMessage): void {
    if (this.unhandled >= MAX_UNHANDLED) this.#drop();
    this.#queue.push(message);
    this.#running ??= this.#run();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.ended();
    await this.#running;
  }

  async #handleKept(count: number): Promise<void> {
    this.#running = this.#run(count);
    await this.#running;
    if (this.#closed) throw closedBus();
    if (this.unhandled > 0) this.#running ??= this.#run();
  }

  /** Handles what is there, `most` messages at most. */
  async #run(most = Infinity): Promise<void> {
    await Promise.resolve();
    for (let handled = 0; handled < most && !this.#closed; handled++) {
      const message = this.#queue[this.#next];
      if (!message) break;
      this.#next += 1;
      await this.#handle(message);
      this.#forgetHandled();
    }
    this.#running = undefined;
  }

  async #handle(message: ReceivedMessage): Promise<void> {
    try {
      await this.handler(message);
    } catch (error) {
      this.report(handlerFailed(this.topic, message.key, error));
    }
  }

  #forgetHandled(): void {
    if (this.#next < 1024 && this.#next < this.#queue.length) return;
    this.#queue = this.#queue.slice(this.#next);
    this.#next = 0;
  }

  #drop(): void {
    this.#next += 1;
    if (this.#dropped++ > 0) return;
    this.report({
      code: 'bus.slow_handler',
      message: `a handler is ${MAX_UNHANDLED} messages behind: it loses the oldest ones from now on`,
      where: this.topic.name,
    });
  }
}
