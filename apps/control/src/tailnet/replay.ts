import { EMPTY_HEAD, type EventStore, type Head, type StoredEvent } from '#event-store';
import { Names, type Standing } from '#history';
import { evolve, initialState, type TailnetState } from '#tailnet';
import { NetmapProjection, REMEMBERED } from '../netmap/netmap-projection.js';

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
   */
  async to(revision: number, each: (event: StoredEvent) => Promise<void> | undefined = () => undefined): Promise<void> {
    await this.#begin();
    const from = this.#head.revision + 1;
    if (revision < from) return;
    for await (const event of this.store.read(this.stream, { from, limit: revision - from + 1 })) {
      this.#apply(event);
      await each(event);
    }
  }

  /** Reads the event that names the epoch; and the one that a snapshot was made after, when netmaps start there. */
  async #begin(): Promise<void> {
    if (this.#first) return;
    this.#first = await this.#event(0);
    const { revision } = this.#head;
    if (revision < 0 || revision < this.target - REMEMBERED) return;
    const last = await this.#event(revision);
    if (this.#first && last) this.netmaps.startFrom(this.#first, last, this.#state);
  }

  #apply(event: StoredEvent): void {
    this.names.apply(event);
    this.#state = evolve(this.#state, event, event);
    this.#head = { revision: event.revision, hash: event.hash };
    const quiet = this.target - REMEMBERED;
    if (event.revision > quiet) this.netmaps.apply(event, this.#state);
    else if (event.revision === quiet && this.#first) this.netmaps.startFrom(this.#first, event, this.#state);
  }

  async #event(revision: number): Promise<StoredEvent | undefined> {
    for await (const event of this.store.read(this.stream, { from: revision, limit: 1 })) return event;
    return undefined;
  }
}
