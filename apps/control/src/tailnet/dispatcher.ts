import { type EventStore, isUnreadable, type StoredEvent, type Subscription, type UnreadableEvent } from '#event-store';
import { NetfoldError, type Problem } from '#kernel';
import { tailnetOf } from './tailnet.js';
import type { Tailnets } from './tailnets.js';

/**
 * The only way from the event store to whatever follows it: each tailnet catches up from its newest snapshot, and one
 * subscription, in order, brings everything after that. A tailnet whose next event cannot be taken stands still; the
 * others go on.
 */
export class Dispatcher {
  #subscription: Subscription | undefined;
  #problem: Problem | undefined;

  constructor(
    private readonly store: EventStore,
    private readonly tailnets: Tailnets,
  ) {}

  /** Why nothing is dispatched any more, if that is so. */
  get problem(): Problem | undefined {
    return this.#problem;
  }

  /** Resolves when everything that is stored now has been applied. @param failed told when the subscription breaks */
  async start(failed: (problem: Problem) => void): Promise<void> {
    const after = await this.#catchUp();
    this.#subscription = this.store.subscribe({ after, unreadable: (event) => this.#pause(event) }, (event) =>
      this.#dispatch(event),
    );
    void this.#subscription.closed.then((problem) => {
      this.#problem = problem;
      if (problem) failed(problem);
    });
    await this.#subscription.caughtUp;
  }

  async stop(): Promise<void> {
    await this.#subscription?.close();
    for (const { snapshots } of this.tailnets.all()) await snapshots.idle();
  }

  /** @returns a position up to which every tailnet has everything */
  async #catchUp(): Promise<number | undefined> {
    const known = await this.#tailnetStreams();
    let position: number | undefined;
    for (const stream of known) position = Math.max(position ?? 0, await this.#endOf(stream));
    // Asked again: a stream that began in the meantime may have events before that position, too.
    for (const stream of await this.#tailnetStreams()) await this.tailnets.open(tailnetOf(stream) ?? '').catchUp();
    return position;
  }

  /** The position of the last event of a stream; 0 when that cannot be read: its tailnet stands still before it. */
  async #endOf(stream: string): Promise<number> {
    try {
      for await (const { position } of this.store.read(stream, { backwards: true, limit: 1 })) return position;
    } catch (error) {
      if (!isUnreadable(error)) throw error;
    }
    return 0;
  }

  async #tailnetStreams(): Promise<readonly string[]> {
    return (await this.store.streams()).filter((stream) => tailnetOf(stream) !== undefined);
  }

  #dispatch(event: StoredEvent): void {
    const tailnetId = tailnetOf(event.stream);
    if (tailnetId === undefined) return;
    const tailnet = this.tailnets.open(tailnetId);
    // Some come before the end of what it has caught up with.
    if (tailnet.paused || event.revision <= tailnet.fold.head.revision) return;
    try {
      tailnet.apply(event);
    } catch (error) {
      tailnet.pause(event, error);
    }
  }

  #pause(event: UnreadableEvent): void {
    const tailnetId = tailnetOf(event.stream);
    if (tailnetId !== undefined) this.tailnets.open(tailnetId).pause(event, new NetfoldError(event.problem));
  }
}
