import type { Problem } from '#kernel';
import type { Topic } from './topic.js';

/** What is said on a topic. */
export interface Message {
  /** Messages with one key reach every subscriber in the order in which one publisher sent them. Not empty. */
  readonly key: string;
  /** Undefined, on a topic that keeps the newest per key: nothing is kept under that key any more. */
  readonly value: Uint8Array | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A message as it arrives: its headers are there, if only empty. */
export interface ReceivedMessage extends Message {
  readonly headers: Readonly<Record<string, string>>;
}

/** The next message waits until the promise has settled. What it throws is reported, and the next one comes. */
export type MessageHandler = (message: ReceivedMessage) => void | Promise<void>;

/**
 * Where a subscription begins: `newest` with what is published after it is ready; `all-kept` with what the topic still
 * holds, which is at least the newest message of every key where the topic keeps that (older ones may come before it).
 */
export type Start = 'newest' | 'all-kept';

export interface BusSubscription {
  /**
   * Resolves once nothing that is published from now on is missed and, from `all-kept`, everything that was there at the
   * time of subscribing has been handled. It waits for a broker that is away. Rejects with `bus.closed` when the
   * subscription ends before.
   */
  readonly ready: Promise<void>;
  /** Ends it; resolves when no handler runs any more, so a handler must not await it. */
  close(): Promise<void>;
}

/** How a bus is, for metrics and readiness. */
export interface BusHealth {
  /** Whether what is published now has somewhere to go. */
  readonly connected: boolean;
  /** What keeps it from being connected. */
  readonly problem?: Problem;
  /** Messages that wait to be sent. */
  readonly waiting: number;
  /** Messages that were refused or given up since the start, because the bus was away or full. */
  readonly dropped: number;
  /** Messages that have been received and wait for a handler. */
  readonly unhandled: number;
}

/**
 * Carries what is beside the ledger between the replicas of a control plane. Every subscriber of every process gets every
 * message, a publisher's own included, in order per key; after a fault a message may come again, and with it those
 * that followed it. Failures are `NetfoldError`s whose code starts with `bus.`.
 */
export interface Bus {
  /**
   * On a topic that keeps the newest per key it resolves as soon as the messages are taken in: they are sent when that is
   * possible, of several under one key only the last. On others it resolves when the topic has them durably, in the
   * order of the calls.
   * @throws NetfoldError on other topics, soon and after nothing has been kept back: `bus.unavailable`, `bus.topic_missing`,
   * `bus.refused`; on all: `bus.too_large`, `bus.full` when too much waits, `bus.closed`
   */
  publish(topic: Topic, ...messages: readonly Message[]): Promise<void>;
  subscribe(topic: Topic, start: Start, handler: MessageHandler): BusSubscription;
  health(): BusHealth;
  /** Sends what waits, as far as that is possible within seconds, and ends all subscriptions. */
  close(): Promise<void>;
}
