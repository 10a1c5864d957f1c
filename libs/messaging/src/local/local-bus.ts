import type { Problem } from '#kernel';
import type { Bus, BusHealth, BusSubscription, Message, MessageHandler, ReceivedMessage, Start } from '../bus.js';
import { closedBus } from '../bus-problems.js';
import { requirePublishable } from '../message-rules.js';
import type { Topic } from '../topic.js';
import { LocalSubscription } from './local-subscription.js';

/**
 * The bus of a control plane that is one process. A message is on its way to every handler when `publish` returns, and
 * reaches none of them before; of a topic that keeps no newest, a subscriber from `all-kept` gets nothing old.
 */
export class LocalBus implements Bus {
  readonly #kept = new Map<string, Map<string, ReceivedMessage>>();
  readonly #subscriptions = new Map<string, Set<LocalSubscription>>();
  #closed = false;

  /** @param report told what a handler threw, and of a handler that others need not wait for any more */
  constructor(private readonly report: (problem: Problem) => void) {}

  async publish(topic: Topic, ...messages: readonly Message[]): Promise<void> {
    this.#requireOpen();
    for (const message of messages) requirePublishable(topic, message);
    for (const { key, value, headers = {} } of messages) {
      const message = { key, value, headers };
      if (topic.keeps === 'newest-per-key') this.#keep(topic, message);
      for (const subscription of this.#subscriptions.get(topic.name) ?? []) subscription.take(message);
    }
  }

  subscribe(topic: Topic, start: Start, handler: MessageHandler): BusSubscription {
    this.#requireOpen();
    const others = this.#subscriptions.get(topic.name) ?? new Set();
    this.#subscriptions.set(topic.name, others);
    const kept = start === 'all-kept' ? [...(this.#kept.get(topic.name)?.values() ?? [])] : [];
    const subscription = new LocalSubscription(topic, kept, handler, this.report, () => others.delete(subscription));
    others.add(subscription);
    return subscription;
  }

  health(): BusHealth {
    const all = [...this.#subscriptions.values()].flatMap((subscriptions) => [...subscriptions]);
    return {
      connected: !this.#closed,
      waiting: 0,
      dropped: all.reduce((sum, { dropped }) => sum + dropped, 0),
      unhandled: all.reduce((sum, { unhandled }) => sum + unhandled, 0),
    };
  }

  async close(): Promise<void> {
    this.#closed = true;
    const all = [...this.#subscriptions.values()].flatMap((subscriptions) => [...subscriptions]);
    await Promise.all(all.map((subscription) => subscription.close()));
  }

  #keep(topic: Topic, message: ReceivedMessage): void {
    const kept = this.#kept.get(topic.name) ?? new Map<string, ReceivedMessage>();
    this.#kept.set(topic.name, kept);
    // Taken out first, so that what is newest comes last.
    kept.delete(message.key);
    if (message.value !== undefined) kept.set(message.key, message);
  }

  #requireOpen(): void {
    if (this.#closed) throw closedBus();
  }
}
