import type { EventStore, StoredEvent, Subscription } from '#event-store';
import type { Problem } from '#kernel';
import { tailnetOf } from './tailnet.js';
import type { Tailnets } from './tailnets.js';

/** The only way from the event store to whatever follows it: one subscription, in order, from the very first event. */
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
    this.#subscription = this.store.subscribe({ after: undefined }, (event) => this.#dispatch(event));
    void this.#subscription.closed.then((problem) => {
      this.#problem = problem;
      if (problem) failed(problem);
    });
    await this.#subscription.caughtUp;
  }

  async stop(): Promise<void> {
    await this.#subscription?.close();
  }

  #dispatch(event: StoredEvent): void {
    const tailnetId = tailnetOf(event.stream);
    if (tailnetId !== undefined) this.tailnets.open(tailnetId).apply(event);
  }
}
