import { type Stopwatch, systemStopwatch } from '#coordination';
import type { EventStore, StoredEvent, UnreadableEvent } from '#event-store';
import { NetfoldError, type Problem, problemOf } from '#kernel';
import { type Bus, EVENTS } from '#messaging';
import { EventBuffer } from './event-buffer.js';
import { eventMessage, omittedEvent } from './event-message.js';

/** The name under which the store keeps how far the publisher has come. */
export const PUBLISHER_CHECKPOINT = 'publisher';

const BATCH = 500;
/** How long it waits when something is away: at first, and at most, in milliseconds. */
const [FIRST_PAUSE_MS, MOST_PAUSE_MS] = [250, 5000];

export interface EventPublisherPorts {
  /** The ledger with its personal data sealed. */
  readonly store: EventStore;
  readonly bus: Bus;
  /** Told of what keeps it from publishing, and of events that cannot be published. */
  readonly report: (problem: Problem) => void;
  readonly stopwatch?: Stopwatch;
}

/**
 * Puts every ledger event of every tailnet on `EVENTS`, at least once and in order per tailnet. How far it has come is saved
 * after the brokers have acknowledged, so whoever goes on repeats at most what was under way. It holds two batches at
 * most: while the brokers are away the ledger is where events wait.
 */
export class EventPublisher {
  #published = 0;
  #omitted = 0;
  #problem: Problem | undefined;
  #told: string | undefined;
  #publishedUntil: number | undefined;

  constructor(private readonly ports: EventPublisherPorts) {}

  /** Events that this process has published since its start. */
  get published(): number {
    return this.#published;
  }

  /** Of these, those without their content. */
  get omitted(): number {
    return this.#omitted;
  }

  /** Why nothing is published, while that is so. */
  get problem(): Problem | undefined {
    return this.#problem;
  }

  /** When the newest event that it has published was recorded, in milliseconds since the Unix epoch. */
  get publishedUntil(): number | undefined {
    return this.#publishedUntil;
  }

  /** Publishes until the signal comes, whatever happens meanwhile. */
  async run(signal: AbortSignal): Promise<void> {
    const { stopwatch = systemStopwatch } = this.ports;
    let wait = FIRST_PAUSE_MS;
    while (!signal.aborted) {
      const before = this.#published;
      try {
        await this.#follow(signal);
      } catch (error) {
        this.#fail(problemOf(error));
      }
      wait = this.#published > before ? FIRST_PAUSE_MS : Math.min(MOST_PAUSE_MS, wait * 2);
      await stopwatch.pause(wait, signal);
    }
    this.#problem = undefined;
  }

  /** Follows the ledger from the checkpoint until something fails. */
  async #follow(signal: AbortSignal): Promise<void> {
    const { store } = this.ports;
    const buffer = new EventBuffer(BATCH);
    const after = await store.checkpoint(PUBLISHER_CHECKPOINT);
    const unreadable = (event: UnreadableEvent) => this.#withheld(event);
    const subscription = store.subscribe({ after, unreadable }, (event) => buffer.put(event));
    const end = () => buffer.end();
    signal.addEventListener('abort', end);
    // Ends the loop below as well: with a problem when the store has one.
    const ended = subscription.closed.finally(end);
    try {
      for (let batch = await buffer.take(); batch.length > 0; batch = await buffer.take()) await this.#publish(batch);
    } finally {
      signal.removeEventListener('abort', end);
      end();
      await subscription.close();
    }
    const problem = await ended;
    if (problem) throw new NetfoldError(problem);
  }

  async #publish(batch: readonly StoredEvent[]): Promise<void> {
    const messages = batch.flatMap((event) => eventMessage(event) ?? []);
    try {
      await this.ports.bus.publish(EVENTS, ...messages);
    } catch (error) {
      if (problemOf(error).code !== 'bus.too_large') throw error;
      await this.#publishSingly(batch);
    }
    this.#published += messages.length;
    this.#problem = undefined;
    this.#told = undefined;
    const last = batch.at(-1);
    if (!last) return;
    this.#publishedUntil = last.recordedAt;
    await this.ports.store.saveCheckpoint(PUBLISHER_CHECKPOINT, last.position);
  }

  /** One of them is larger than the brokers take: it goes without its content, so that those after it are not held up. */
  async #publishSingly(batch: readonly StoredEvent[]): Promise<void> {
    for (const event of batch) {
      const message = eventMessage(event);
      if (!message) continue;
      try {
        await this.ports.bus.publish(EVENTS, message);
      } catch (error) {
        const problem = problemOf(error);
        if (problem.code !== 'bus.too_large') throw error;
        this.#omitted += 1;
        this.ports.report(problem);
        await this.ports.bus.publish(EVENTS, omittedEvent(event));
      }
    }
  }

  #withheld({ stream, revision, problem }: UnreadableEvent): void {
    this.ports.report({
      code: 'publisher.withheld',
      message: `${stream} is not published from revision ${revision} on: ${problem.message}`,
      where: `${stream}@${revision}`,
      hint: 'Those who read the topic see a gap in the revisions. Mend the ledger from a copy, then restart.',
    });
  }

  #fail(problem: Problem): void {
    if (problem.message !== this.#told) this.ports.report(problem);
    this.#told = problem.message;
    this.#problem = problem;
  }
}
