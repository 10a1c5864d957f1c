import type { EventStore } from '#event-store';
import { type Clock, NetfoldError } from '#kernel';
import { type Network, networkFromScratch } from '#netmap';
import { evolve, initialState, type TailnetState } from '#tailnet';
import { parseMoment } from './moment.js';
import { RecentStates } from './recent-states.js';
import type { StreamSnapshots } from './snapshot/stream-snapshots.js';

/** What the history of a tailnet is made from. */
export interface HistoryPorts {
  readonly stream: string;
  /** The ledger, as it may be read. */
  readonly store: EventStore;
  readonly snapshots: StreamSnapshots;
  readonly clock: Clock;
  /** The state as far as this process has come. */
  present(): TailnetState;
}

/**
 * The past of one tailnet. States of the past say everything but which commands have been carried out: nobody decides
 * on them. What is asked for is worked out one after the other, and leaves snapshots for those who ask next.
 */
export class History {
  readonly #recent = new RecentStates();
  readonly #networks = new WeakMap<TailnetState, Network>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(private readonly ports: HistoryPorts) {}

  /**
   * The state after the event of this revision.
   * @throws NetfoldError `history.no_such_revision`
   */
  async stateAt(revision: number): Promise<TailnetState> {
    const present = this.ports.present();
    requireRevision(revision, present);
    if (revision === present.revision) return this.#recent.get(revision) ?? this.#keep(present);
    return this.#inTurn(() => this.#find(revision));
  }

  /**
   * The revision of the last event that was recorded at this time or before. When clocks of writers have gone back, an
   * event counts as recorded at the latest time of all events up to it, so that later revisions have later times.
   * @param time milliseconds since the Unix epoch
   * @throws NetfoldError `history.before_beginning`, `history.in_future`
   */
  async revisionAt(time: number): Promise<number> {
    const present = this.ports.present();
    if (time > this.ports.clock.now()) throw inFuture(time);
    if (time >= present.recordedAt && present.revision >= 0) return present.revision;
    const revision = await this.#inTurn(() => this.#search(time, present));
    if (revision < 0) throw beforeBeginning(time);
    return revision;
  }

  /** The network of that revision. @throws NetfoldError as `stateAt` */
  async networkAt(revision: number): Promise<Network> {
    const state = await this.stateAt(revision);
    const network = this.#networks.get(state) ?? networkFromScratch(state);
    this.#networks.set(state, network);
    return network;
  }

  /**
   * The revision that a text names, see `parseMoment`.
   * @throws NetfoldError `history.bad_moment`, and as `stateAt` and `revisionAt`
   */
  async resolve(text: string): Promise<number> {
    const moment = parseMoment(text, this.ports.clock.now());
    if ('time' in moment) return this.revisionAt(moment.time);
    requireRevision(moment.revision, this.ports.present());
    return moment.revision;
  }

  /** Forgets everything that was worked out, in memory and in snapshots: it is about people, some of whom were erased. */
  async discard(): Promise<void> {
    this.#recent.clear();
    await this.#inTurn(() => this.ports.snapshots.discard());
    this.#recent.clear();
  }

  async #find(revision: number): Promise<TailnetState> {
    const known = this.#recent.get(revision);
    return known ?? this.#keep(await this.#walk(await this.#baseOf(revision), revision));
  }

  #keep(state: TailnetState): TailnetState {
    const kept = { ...state, outcomes: initialState.outcomes };
    this.#recent.put(kept);
    return kept;
  }

  /** The best state to start from on the way to a revision. */
  async #baseOf(revision: number): Promise<TailnetState> {
    const near = this.#recent.before(revision) ?? initialState;
    for (;;) {
      const at = (await this.ports.snapshots.revisions()).findLast((one) => one <= revision);
      if (at === undefined || !this.ports.snapshots.saves(at - near.revision)) return near;
      const checkpoint = await this.ports.snapshots.checkpoint(at);
      if (checkpoint) return checkpoint.state;
    }
  }

  /** Folds the events between; leaves snapshots where there are none for a long way. */
  async #walk(from: TailnetState, to: number): Promise<TailnetState> {
    const { store, stream, snapshots } = this.ports;
    let state = from;
    let saved = (await snapshots.revisions()).findLast((one) => one <= from.revision) ?? -1;
    for await (const event of store.read(stream, { from: from.revision + 1, limit: to - from.revision })) {
      state = evolve(state, event, event);
      if (!snapshots.isDue(event.revision - saved)) continue;
      await snapshots.save({ head: event, state });
      saved = event.revision;
    }
    return state;
  }

  async #search(time: number, present: TailnetState): Promise<number> {
    const { store, stream } = this.ports;
    const base = await this.#checkpointAt(time, present);
    let [revision, clock] = [base.revision, base.recordedAt];
    for await (const event of store.read(stream, { from: revision + 1 })) {
      clock = Math.max(clock, event.recordedAt);
      if (clock > time) break;
      revision = event.revision;
    }
    return revision;
  }

  /** The last snapshot that is not of a later time, by bisection; what precedes all of them when there is none. */
  async #checkpointAt(time: number, present: TailnetState): Promise<Pick<TailnetState, 'revision' | 'recordedAt'>> {
    const { snapshots } = this.ports;
    await this.#coverUpTo(present);
    let best: Pick<TailnetState, 'revision' | 'recordedAt'> = initialState;
    let left = [...(await snapshots.revisions())];
    while (left.length > 0) {
      const middle = left.length >> 1;
      const revision = left[middle] as number;
      const recordedAt = await snapshots.clock(revision);
      if (recordedAt === undefined) left.splice(middle, 1);
      else if (recordedAt > time) left = left.slice(0, middle);
      else {
        best = { revision, recordedAt };
        left = left.slice(middle + 1);
      }
    }
    return best;
  }

  /** Where there are long ways without a snapshot, walks them, so that no search has to read them again. */
  async #coverUpTo({ revision }: TailnetState): Promise<void> {
    const { snapshots } = this.ports;
    const marks = [-1, ...(await snapshots.revisions()), revision];
    for (const [i, end] of marks.entries()) {
      const start = marks[i - 1] ?? -1;
      if (snapshots.isDue((end - start) / 2)) await this.#walk(await this.#baseOf(end - 1), end - 1);
    }
  }

  /** One after the other: each finds what the ones before it have left. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => {});
    return result;
  }
}

function requireRevision(revision: number, present: TailnetState): void {
  if (Number.isSafeInteger(revision) && revision >= 0 && revision <= present.revision) return;
  throw new NetfoldError({
    code: 'history.no_such_revision',
    message: `there is no revision ${revision}: the newest one is ${present.revision}`,
    where: 'at',
    hint: 'netfold log shows what there is',
  });
}

const inFuture = (time: number): NetfoldError =>
  new NetfoldError({
    code: 'history.in_future',
    message: `${instant(time)} is in the future`,
    where: 'at',
    hint: 'name a moment that has passed, or none for the present',
  });

const beforeBeginning = (time: number): NetfoldError =>
  new NetfoldError({
    code: 'history.before_beginning',
    message: `there was nothing yet at ${instant(time)}`,
    where: 'at',
    hint: 'netfold log --to 0 shows when it began',
  });

const instant = (time: number): string => {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? String(time) : date.toISOString();
};
