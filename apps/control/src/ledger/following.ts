import type { EventStore } from '#event-store';
import { NetfoldError } from '#kernel';

interface Waiting {
  readonly position: number;
  readonly resolve: () => void;
}

/** How far this process has come in following its store. */
export class Following {
  #position: number | undefined;
  #waiting: Waiting[] = [];
  readonly #abandoned = new Set<string>();
  /** A look at the end of the store that is under way, and the one after it. */
  #looking: Promise<number | undefined> | undefined;
  #next: Promise<number | undefined> | undefined;

  /** @param store whose end counts */
  constructor(private readonly store: EventStore) {}

  /** Up to which every event has been handled; undefined before the first. */
  get position(): number | undefined {
    return this.#position;
  }

  /** The same store; how far its subscription comes is noted. */
  noting(store: EventStore): EventStore {
    return {
      append: (stream, expectedRevision, events) => store.append(stream, expectedRevision, events),
      read: (stream, options) => store.read(stream, options),
      hashes: (stream, from) => store.hashes(stream, from),
      readAll: (options) => store.readAll(options),
      head: (stream) => store.head(stream),
      streams: () => store.streams(),
      checkpoint: (name) => store.checkpoint(name),
      saveCheckpoint: (name, position) => store.saveCheckpoint(name, position),
      close: () => store.close(),
      subscribe: ({ unreadable, ...start }, handler) => {
        this.#reach(start.after);
        const abandon: typeof unreadable = (event) => {
          this.#abandoned.add(event.stream);
          unreadable?.(event);
        };
        return store.subscribe({ ...start, ...(unreadable && { unreadable: abandon }) }, async (event) => {
          await handler(event);
          this.#reach(event.position);
        });
      },
    };
  }

  /**
   * Resolves when everything that was stored before the call has been handled.
   * @throws NetfoldError when the signal comes first: `control.behind`, or `control.store_away` when the store does not say
   * what it has; `store.…`
   */
  async caughtUp(signal: AbortSignal): Promise<void> {
    const tooLate = Promise.withResolvers<never>();
    tooLate.promise.catch(() => {});
    let looked = false;
    const giveUp = () => tooLate.reject(looked ? behind() : storeAway());
    signal.addEventListener('abort', giveUp);
    try {
      if (signal.aborted) throw storeAway();
      const end = await Promise.race([this.#look(), tooLate.promise]);
      looked = true;
      await Promise.race([this.#reached(end), tooLate.promise]);
    } finally {
      signal.removeEventListener('abort', giveUp);
    }
  }

  /** Many who ask at once share a look; not one that began before they asked. */
  #look(): Promise<number | undefined> {
    if (!this.#looking) {
      this.#looking = this.#end().finally(() => {
        this.#looking = undefined;
      });
      return this.#looking;
    }
    this.#next ??= this.#looking
      .catch(() => {})
      .then(() => {
        this.#next = undefined;
        return this.#look();
      });
    return this.#next;
  }

  /** The position of the last event that is stored now and concerns this process. */
  async #end(): Promise<number | undefined> {
    let last: number | undefined;
    const start = { after: this.#position, unreadable: () => {} };
    const subscription = this.store.subscribe(start, ({ stream, position }) => {
      if (!this.#abandoned.has(stream)) last = position;
    });
    try {
      await subscription.caughtUp;
    } finally {
      await subscription.close();
    }
    return last;
  }

  #reached(position: number | undefined): Promise<void> {
    if (position === undefined || position <= (this.#position ?? -1)) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push({ position, resolve });
    return promise;
  }

  #reach(position: number | undefined): void {
    this.#position = position;
    if (position === undefined || this.#waiting.length === 0) return;
    const due = this.#waiting.filter((one) => one.position <= position);
    this.#waiting = this.#waiting.filter((one) => one.position > position);
    for (const { resolve } of due) resolve();
  }
}

const behind = (): NetfoldError =>
  new NetfoldError({
    code: 'control.behind',
    message: 'this server has not seen yet all that is in the ledger',
    hint: 'try again, or ask another server',
  });

const storeAway = (): NetfoldError =>
  new NetfoldError({
    code: 'control.store_away',
    message: 'the store of this server does not say what it has',
    hint: 'what was read before is served; try again, or ask another server',
  });
