import type { Consumer, EachBatchPayload, Kafka, KafkaMessage } from 'kafkajs';
import type { ReceivedMessage } from '../bus.js';
import type { Topic } from '../topic.js';
import type { LogPositions } from './log-positions.js';
import { QuietBrokers } from './quiet-brokers.js';

/** How long a broker waits for new messages before it answers that there are none, in milliseconds. */
const MAX_WAIT_MS = 500;
/** After so long without a sign of life a broker takes a consumer for gone. */
const [SESSION_MS, HEARTBEAT_MS] = [30_000, 3000];

export interface LogReaderPorts {
  readonly topic: Topic;
  readonly positions: LogPositions;
  readonly handle: (message: ReceivedMessage) => void | Promise<void>;
  /** Told whenever it has handled everything that was there when the positions were taken. */
  readonly caughtUp: () => void;
  /** How many messages wait for the handler. */
  readonly waiting: (messages: number) => void;
}

/**
 * Reads all partitions of a topic from given positions on, until it fails or is closed. It is the only member of a
 * consumer group, which is how kafkajs reads; nothing is committed there, and the group is gone when it is.
 */
export class LogReader {
  readonly #consumer: Consumer;
  readonly #quiet = new QuietBrokers(MAX_WAIT_MS);
  readonly #failed = Promise.withResolvers<never>();
  #closed = false;

  constructor(
    kafka: Kafka,
    groupId: string,
    private readonly ports: LogReaderPorts,
  ) {
    this.#consumer = kafka.consumer({
      groupId,
      allowAutoTopicCreation: false,
      maxWaitTimeInMs: MAX_WAIT_MS,
      sessionTimeout: SESSION_MS,
      heartbeatInterval: HEARTBEAT_MS,
      // Whoever made this one makes another.
      retry: { retries: 4, initialRetryTime: 100, maxRetryTime: 1000, restartOnFailure: async () => false },
    });
    this.#failed.promise.catch(() => {});
    this.#watch();
  }

  /** Resolves when it is closed. @throws what kafkajs throws once it cannot go on */
  async run(): Promise<void> {
    await this.#consumer.connect();
    // What has no position is a partition that was added later.
    await this.#consumer.subscribe({ topic: this.ports.topic.name, fromBeginning: true });
    await this.#consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      eachBatch: (batch) => this.#handleBatch(batch),
    });
    await this.#failed.promise;
  }

  /** Resolves when no handler runs any more. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#failed.reject(new Error('closed'));
    await this.#consumer.disconnect().catch(() => {});
  }

  #watch(): void {
    const { events } = this.#consumer;
    const topic = this.ports.topic.name;
    // Every time it joins: what it would begin with by itself is what was committed, which is nothing.
    this.#consumer.on(events.GROUP_JOIN, () => {
      for (const position of this.ports.positions) this.#consumer.seek({ topic, ...position });
      if (this.ports.positions.caughtUp) this.ports.caughtUp();
    });
    this.#consumer.on(events.CRASH, ({ payload }) => this.#failed.reject(payload.error));
    this.#consumer.on(events.FETCH, ({ payload }) => {
      this.#quiet.answered((payload as { nodeId?: number }).nodeId ?? 0, payload.duration);
    });
    this.#consumer.on(events.FETCH_START, ({ payload }) => {
      if (this.#quiet.all) this.ports.caughtUp();
      this.#quiet.asked(payload.nodeId);
    });
  }

  async #handleBatch({ batch, resolveOffset, heartbeat, isRunning, isStale }: EachBatchPayload): Promise<void> {
    this.#quiet.broughtMessages();
    const { positions, waiting, caughtUp } = this.ports;
    for (const [i, message] of batch.messages.entries()) {
      if (this.#closed || !isRunning() || isStale()) return;
      waiting(batch.messages.length - i - 1);
      const handled = this.ports.handle(received(message));
      if (handled) await handled;
      positions.reached(batch.partition, BigInt(message.offset) + 1n);
      resolveOffset(message.offset);
      if (handled) await heartbeat();
    }
    positions.reached(batch.partition, BigInt(batch.lastOffset()) + 1n);
    if (positions.caughtUp) caughtUp();
  }
}

function received({ key, value, headers = {} }: KafkaMessage): ReceivedMessage {
  const texts = Object.entries(headers).flatMap(([name, value]) => {
    const one = Array.isArray(value) ? value.at(-1) : value;
    return one === undefined ? [] : [[name, one.toString()] as const];
  });
  return {
    key: key?.toString() ?? '',
    value: value === null ? undefined : new Uint8Array(value.buffer, value.byteOffset, value.byteLength),
    headers: Object.fromEntries(texts),
  };
}
