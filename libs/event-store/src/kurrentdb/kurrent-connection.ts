import type {
  AllStreamResolvedEvent,
  EventStoreDBClient,
  JSONEventData,
  ReadPosition,
  ReadRevision,
  ResolvedEvent,
} from '@eventstore/db-client';
import type { Recorded } from './event-codec.js';
import type { KurrentAddress } from './kurrent-address.js';
import { type KurrentClient, kurrentClient } from './kurrent-client.js';
import { isMissingStream, kurrentError, stalled } from './kurrent-error.js';

export interface PageRequest<From> {
  readonly from: From;
  readonly limit: number;
  readonly backwards?: boolean;
}

export interface AppendAnswer {
  readonly revision: number;
  /** Undefined when the server does not say. */
  readonly position: number | undefined;
}

/** A subscription as the server feeds it: ends by itself only when the server ends it. */
export interface Feed<T> extends AsyncIterable<T> {
  /** Ends it; who reads from it gets an error. */
  stop(): void;
}

interface ClientStream<T> extends AsyncIterable<T> {
  on(event: 'error', listener: (error: unknown) => void): unknown;
  destroy(): unknown;
}

/**
 * One server or cluster: requests that end, with an answer or by their deadline, and nothing else. Each asks for the
 * leader, because the others may not have what was acknowledged a moment ago.
 */
export class KurrentConnection {
  private constructor(
    readonly name: string,
    readonly deadline: number,
    private readonly client: EventStoreDBClient,
    readonly close: KurrentClient['close'],
  ) {}

  static async open(address: KurrentAddress): Promise<KurrentConnection> {
    const { client, close } = await kurrentClient(address);
    return new KurrentConnection(address.name, address.deadline, client, close);
  }

  /**
   * Appends to a stream. What it throws is as the client has it, for `isWrongRevision` and `fateOf`.
   * @param expectedRevision of the stream's last event, -1 when there is none; undefined when it does not matter
   */
  async append(
    stream: string,
    expectedRevision: number | undefined,
    events: readonly JSONEventData[],
  ): Promise<AppendAnswer> {
    const written = this.client.appendToStream(stream, [...events], {
      expectedRevision: expected(expectedRevision),
      requiresLeader: true,
      deadline: this.deadline,
    });
    const { nextExpectedRevision, position } = await this.#inTime(written);
    return { revision: Number(nextExpectedRevision), position: position && Number(position.commit) };
  }

  /** Durably limits a stream to its last event. */
  async keepLast(stream: string): Promise<void> {
    const options = { requiresLeader: true, deadline: this.deadline };
    await this.#inTime(this.client.setStreamMetadata(stream, { maxCount: 1 }, options));
  }

  /** Events of one stream; none when it does not exist. */
  async page(stream: string, { from, limit, backwards = false }: PageRequest<ReadRevision>): Promise<Recorded[]> {
    const read = this.client.readStream(stream, {
      fromRevision: from,
      maxCount: limit,
      direction: backwards ? 'backwards' : 'forwards',
      requiresLeader: true,
    });
    try {
      return await this.#collect<ResolvedEvent>(read, () => read.cancel());
    } catch (error) {
      if (isMissingStream(error)) return [];
      throw error;
    }
  }

  /** Events of all streams, those of others too, in order of position; forwards from `from` itself on. */
  allPage({ from, limit, backwards = false }: PageRequest<ReadPosition>): Promise<Recorded[]> {
    const read = this.client.readAll({
      fromPosition: from,
      maxCount: limit,
      direction: backwards ? 'backwards' : 'forwards',
      requiresLeader: true,
    });
    return this.#collect<AllStreamResolvedEvent>(read, () => read.cancel());
  }

  /** Follows one stream behind a revision; undefined from its start. */
  follow(stream: string, after: number | undefined): Feed<Recorded> {
    const fromRevision = after === undefined ? 'start' : BigInt(after);
    const subscription = this.client.subscribeToStream(stream, { fromRevision });
    return feedOf<ResolvedEvent>(subscription, () => subscription.unsubscribe());
  }

  /** Follows all streams whose names begin with `prefix` behind a position; undefined from the very first. */
  followAll(prefix: string, after: number | undefined): Feed<Recorded> {
    const subscription = this.client.subscribeToAll({
      fromPosition: after === undefined ? 'start' : positionAt(after),
      filter: { filterOn: 'streamName', prefixes: [prefix], checkpointInterval: 1 },
    });
    return feedOf<AllStreamResolvedEvent>(subscription, () => subscription.unsubscribe());
  }

  /** The client's deadline begins when it has found the cluster, which it may look for much longer. */
  async #inTime<T>(work: Promise<T>): Promise<T> {
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => late.reject(stalled(this.name)), this.deadline);
    try {
      return await Promise.race([work, late.promise]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** The client has no deadline for reads. */
  async #collect<T extends { readonly event?: Recorded }>(
    read: ClientStream<T>,
    cancel: () => Promise<void>,
  ): Promise<Recorded[]> {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      stop(read, cancel);
    }, this.deadline);
    const events: Recorded[] = [];
    try {
      for await (const { event } of read) if (event) events.push(event);
      return events;
    } catch (error) {
      throw late ? stalled(this.name) : isMissingStream(error) ? error : kurrentError(this.name, error);
    } finally {
      clearTimeout(timer);
    }
  }
}

const expected = (revision: number | undefined) =>
  revision === undefined ? 'any' : revision < 0 ? 'no_stream' : BigInt(revision);

export const positionAt = (position: number): { readonly commit: bigint; readonly prepare: bigint } => ({
  commit: BigInt(position),
  prepare: BigInt(position),
});

function feedOf<T extends { readonly event?: Recorded }>(
  subscription: ClientStream<T>,
  cancel: () => Promise<void>,
): Feed<Recorded> {
  // An error may come when nobody reads; whoever reads next gets it.
  subscription.on('error', () => {});
  return {
    async *[Symbol.asyncIterator]() {
      for await (const { event } of subscription) if (event) yield event;
    },
    stop: () => stop(subscription, cancel),
  };
}

/** Both ends: the client does not let its reader know that a call was cancelled. */
function stop(stream: ClientStream<unknown>, cancel: () => Promise<void>): void {
  cancel().catch(() => {});
  stream.on('error', () => {});
  stream.destroy();
}
