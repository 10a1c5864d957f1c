import { EMPTY_HEAD, type EventStore, type Head, isUnreadable, type StoredEvent } from '#event-store';
import { Names, type Standing } from '#history';
import { evolve, initialState, type TailnetState } from '#tailnet';
import { NetmapProjection, REMEMBERED } from '../netmap/netmap-projection.js';
import { Stumbled } from './stumbled.js';

/**
 * What is kept up to date about a tailnet, worked out from its ledger beside whatever runs. The netmaps are made only for
 * the newest revisions that agents resume from; the way to them is the state's alone.
 */
export class Replay {
  readonly netmaps = new NetmapProjection();
  readonly names: Names;
  #state: TailnetState;
  #head: Head;
  #first: StoredEvent | undefined;
  #last: StoredEvent | undefined;

  /**
   * @param stream to be replayed
   * @param standing where to start; by default before the first event
   * @param target the revision that it is going to, or beyond
   */
  constructor(
    private readonly store: EventStore,
    private readonly stream: string,
    private readonly target: number,
    standing?: Standing,
  ) {
    this.names = standing?.names ?? new Names();
    this.#state = standing?.state ?? initialState;
    this.#head = standing?.head ?? EMPTY_HEAD;
  }

  get state(): TailnetState {
    return this.#state;
  }

  get head(): Head {
    return this.#head;
  }

  /**
   * Takes the events up to a revision.
   * @param each is awaited after every event
   * @throws Stumbled at an event that is not what it should be, or cannot be taken; it has taken all before that
   */
  async to(revision: number, each: (event: StoredEvent) => Promise<void> | undefined = () => undefined): Promise<void> {
    await this.#begin();
    const from = this.#head.revision + 1;
    if (revision < from) return;
    for await (const event of this.#events(from, revision - from + 1)) {
      this.#take(event);
      await each(event);
    }
  }

  /** Makes the netmaps those of the last event that was taken: it is not going on. */
  settle(): void {
    const { revision } = this.#head;
    if (this.netmaps.latest.revision === revision || !this.#first || this.#last?.revision !== revision) return;
    this.netmaps.startFrom(this.#first, this.#last, this.#state);
  }

  async *#events(from: number, limit: number): AsyncGenerator<StoredEvent> {
    try {
      yield* this.store.read(this.stream, { from, limit });
    } catch (error) {
      throw isUnreadable(error) ? new Stumbled({ revision: this.#head.revision + 1 }, error) : error;
    }
  }

  #take(event: StoredEvent): void {
    try {
      this.#apply(event);
    } catch (error) {
      throw new Stumbled(event, error);
    }
  }

  /** Reads the event that names the epoch; and the one that a snapshot was made after, when netmaps start there. */
  async #begin(): Promise<void> {
    if (this.#first) return;
    this.#first = await this.#event(0);
    const { revision } = this.#head;
    if (revision < 0 || revision < this.target - REMEMBERED) return;
    this.#last = await this.#event(revision);
    this.settle();
  }

  /** Either it is taken as a whole, or nothing has changed but perhaps a name that nobody looks for. */
  #apply(event: StoredEvent): void {
    const state = evolve(this.#state, event, event);
    this.names.apply(event);
    this.#project(event, state);
    this.#state = state;
    this.#head = { revision: event.revision, hash: event.hash };
    this.#last = event;
  }

  #project(event: StoredEvent, state: TailnetState): void {
    const quiet = this.target - REMEMBERED;
    if (event.revision > quiet) this.netmaps.apply(event, state);
    else if (event.revision === quiet && this.#first) this.netmaps.startFrom(this.#first, event, state);
  }

  async #event(revision: number): Promise<StoredEvent | undefined> {
    try {
      for await (const event of this.store.read(this.stream, { from: revision, limit: 1 })) return event;
    } catch (error) {
      throw isUnreadable(error) ? new Stumbled({ revision }, error) : error;
    }
    return undefined;
  }
}
