import { setImmediate as nextTurn } from 'node:timers/promises';
import { NetfoldError, type Problem, problemOf } from '#kernel';
import { storeClosed } from '../errors.js';
import type { EventHandler, Subscription } from '../event-store.js';
import { StreamQuarantine } from '../stream-quarantine.js';
import { endedEarly, handlerFailed } from '../subscription-problems.js';
import type { EventPlace } from '../unreadable-event.js';
import { ChainGuard } from './chain-guard.js';
import { type KurrentRow, type Recorded, storedEvent } from './event-codec.js';
import type { Feed } from './kurrent-connection.js';
import { fateOf, kurrentError, stalled } from './kurrent-error.js';
import { Pauses } from './retry.js';
import { standstill } from './standstill.js';

/** What a subscription follows. */
export interface Followed {
  /** What messages call the store. */
  readonly name: string;
  /** Only events after this position are wanted. */
  readonly after: number;
  /** How long an answer may take, in milliseconds. */
  readonly deadline: number;
  /** The position of the last event that is stored now. */
  target(): Promise<number>;
  /** The events behind the last one that was handled, or behind `after`. */
  open(last: KurrentRow | undefined): Promise<Feed<Recorded>>;
  /** Where an event stands; undefined when it is none of this ledger's. */
  placeOf(recorded: Recorded): EventPlace | undefined;
  /** @throws NetfoldError when it is not what it should be */
  read(recorded: Recorded): KurrentRow;
  /** Told of each interruption that is tried again. */
  interrupted(problem: NetfoldError): void;
}

/**
 * Keeps a subscription of the server alive: one that ends for whatever reason that may pass (dropped, a reader too slow,
 * a restart, another leader), or stands still, is opened again behind the last event that was handled. What comes is
 * checked to continue it, so that nothing is lost, repeated or swapped at the seam.
 */
export class KurrentSubscription implements Subscription {
  readonly #caughtUp = Promise.withResolvers<void>();
  readonly caughtUp = this.#caughtUp.promise;
  readonly closed: Promise<Problem | undefined>;
  readonly #closing = new AbortController();
  readonly #ended = Promise.withResolvers<never>();
  readonly #guard: ChainGuard;
  #feed: Feed<Recorded> | undefined;
  #last: KurrentRow | undefined;
  #target = Infinity;
  /** The position of what came last, handled or not. */
  #reached: number;
  #busy = false;

  constructor(
    private readonly followed: Followed,
    private readonly handler: EventHandler,
    private readonly quarantine: StreamQuarantine,
  ) {
    this.#guard = new ChainGuard(followed.name);
    this.#reached = followed.after;
    this.#ended.promise.catch(() => {});
    this.caughtUp.catch(() => {}); // whoever waits for it sees the rejection; nobody has to
    this.closed = this.#run();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#ended.reject(storeClosed());
    this.#feed?.stop();
    await this.closed;
  }

  async #run(): Promise<Problem | undefined> {
    await nextTurn(); // the handler never runs before `subscribe` has returned
    try {
      await this.#supervise();
      this.#caughtUp.reject(new NetfoldError(endedEarly));
      return undefined;
    } catch (error) {
      this.#caughtUp.reject(error);
      return problemOf(error);
    } finally {
      this.#feed?.stop();
    }
  }

  async #supervise(): Promise<void> {
    const { signal } = this.#closing;
    const pauses = new Pauses(signal);
    while (!signal.aborted) {
      try {
        const before = this.#last;
        await this.#follow();
        if (this.#last !== before) pauses.reset();
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof HandlerFailure) throw error.failure;
        const problem = kurrentError(this.followed.name, error);
        if (fateOf(error) === 'refused' && !this.#mayReturn(problem)) throw problem;
        this.followed.interrupted(problem);
      }
      await pauses.pause().catch(() => {});
    }
  }

  /** Whoever was let in once may be again, when its password is replaced in the store, or the rights of its user. */
  #mayReturn({ code }: NetfoldError): boolean {
    return code === 'store.access_denied' && this.#target !== Infinity;
  }

  async #follow(): Promise<void> {
    if (this.#target === Infinity) {
      this.#target = await this.#unlessClosed(this.followed.target());
      if (this.#target <= this.followed.after) this.#caughtUp.resolve();
      await nextTurn(); // whoever wanted no more than that closes it now
    }
    if (this.#closing.signal.aborted) return;
    const feed = await this.#opened(this.followed.open(this.#last));
    const ended = new AbortController();
    let stands = false;
    const { followed } = this;
    const progress = () => ({ position: this.#reached, busy: this.#busy });
    void standstill(progress, () => followed.target(), followed.deadline, ended.signal).then((found) => {
      stands = found;
      if (found) feed.stop();
    });
    try {
      for await (const recorded of feed) {
        if (this.#closing.signal.aborted) return;
        this.#busy = true;
        await this.#take(recorded);
        this.#busy = false;
      }
    } catch (error) {
      throw stands && !(error instanceof HandlerFailure) ? stalled(followed.name, error) : error;
    } finally {
      ended.abort();
    }
  }

  async #take(recorded: Recorded): Promise<void> {
    const place = this.followed.placeOf(recorded);
    if (!place || place.position <= this.followed.after || this.#guard.hasPassed(place)) return;
    const row = this.quarantine.pass(place, () => this.#guard.pass(this.followed.read(recorded)));
    if (row) await this.#handle(row);
    if (row) this.#last = row;
    this.#reached = place.position;
    if (place.position >= this.#target) this.#caughtUp.resolve();
  }

  /** The feed, once it is open; one that opens while the subscription is closed is stopped, as nobody else would. */
  async #opened(opening: Promise<Feed<Recorded>>): Promise<Feed<Recorded>> {
    const kept = opening.then((feed) => {
      this.#feed = feed;
      if (this.#closing.signal.aborted) feed.stop();
      return feed;
    });
    kept.catch(() => {}); // when the subscription is closed first, nobody waits for it
    return this.#unlessClosed(kept);
  }

  /** What is asked of a server that is away takes its time. */
  #unlessClosed<T>(work: Promise<T>): Promise<T> {
    return Promise.race([work, this.#ended.promise]);
  }

  async #handle(row: KurrentRow): Promise<void> {
    const event = storedEvent(row);
    try {
      await this.handler(event);
    } catch (cause) {
      throw new HandlerFailure(new NetfoldError(handlerFailed(event, cause), { cause }));
    }
  }
}

/** Keeps what a handler threw apart from what the server did. */
class HandlerFailure extends Error {
  constructor(readonly failure: NetfoldError) {
    super(failure.message);
  }
}
