import { NetfoldError, problemOf } from '#kernel';
import type { StoredEvent } from './event.js';
import type { EventHandler, EventStore, Subscription, SubscriptionStart } from './event-store.js';
import type { EventPlace, UnreadableEvent } from './unreadable-event.js';

/**
 * Keeps the streams of a subscription that cannot be read on apart from the others: whoever subscribed is told once of
 * each, and gets nothing of it any more.
 */
export class StreamQuarantine {
  readonly #streams = new Set<string>();

  /** @param told without it, what cannot be read is thrown */
  constructor(private readonly told: SubscriptionStart['unreadable']) {}

  /** What `read` makes of an event; undefined when its stream is not read any more. */
  pass<T>(place: EventPlace, read: () => T): T | undefined {
    if (this.#streams.has(place.stream)) return undefined;
    try {
      return read();
    } catch (error) {
      if (!this.told) throw error;
      const { stream, revision, position, id, type } = place;
      this.add({
        stream,
        revision,
        position,
        ...(id !== undefined && { id }),
        ...(type !== undefined && { type }),
        problem: problemOf(error),
      });
      return undefined;
    }
  }

  add(event: UnreadableEvent): void {
    if (this.#streams.has(event.stream)) return;
    this.#streams.add(event.stream);
    this.told?.(event);
  }
}

/** Subscribes to a store behind one that makes something else of each event, or refuses it. */
export function subscribeThrough(
  store: EventStore,
  { unreadable, ...start }: SubscriptionStart,
  handler: EventHandler,
  read: (event: StoredEvent) => StoredEvent,
): Subscription {
  const quarantine = new StreamQuarantine(unreadable);
  const told = unreadable && { unreadable: (event: UnreadableEvent) => quarantine.add(event) };
  return store.subscribe({ ...start, ...told }, (stored) => {
    const event = quarantine.pass(stored, () => read(stored));
    return event && handler(event);
  });
}

const UNREADABLE = /^(chain|event)\.|^store\.(corrupt|foreign_event|newer_format)$/;

/** Whether a failure is that of an event that is stored, and not of the way to the store. */
export const isUnreadable = (error: unknown): boolean => error instanceof NetfoldError && UNREADABLE.test(error.code);
