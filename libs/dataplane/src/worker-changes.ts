import { NetfoldError, type Problem, problemOf } from '#kernel';
import type { UdpPath } from './udp-path.js';
import type { Batch, Calls, Change } from './worker/protocol.js';
import { WorkerState } from './worker-state.js';

/** What a worker that may end and be followed by another is asked by. */
export interface WorkerCalls {
  /** Whether there is one to ask. */
  isUp(): boolean;
  isClosed(): boolean;
  /** @throws NetfoldError of the worker, or `dataplane.lost` */
  ask<K extends keyof Calls>(call: K, ...words: Parameters<Calls[K]>): ReturnType<Calls[K]>;
  /**
   * As `ask`; undefined without a worker, and from one that ends before it answers.
   * @throws NetfoldError of the worker
   */
  askIfUp<K extends keyof Calls>(call: K, ...words: Parameters<Calls[K]>): ReturnType<Calls[K]> | undefined;
}

interface Entry extends Batch {
  readonly done: () => void;
}

/** Makes changes in a worker, and remembers them for the one that follows it. */
export class WorkerChanges {
  readonly state: WorkerState;
  #batch: { task: number; readonly entries: Entry[] } | undefined;

  /** @param monotonic milliseconds of a clock that never goes back */
  constructor(
    readonly worker: WorkerCalls,
    monotonic: () => number,
  ) {
    this.state = new WorkerState(monotonic);
  }

  /**
   * Makes a change now, or with its batch, or when there is a worker again.
   * @param done is called once it is made, or sure to be
   * @throws NetfoldError `dataplane.lost` when all is closed
   */
  make(change: Change, done: () => void = () => {}): void {
    if (this.worker.isClosed()) throw new NetfoldError(CLOSED);
    if (this.#batch) {
      this.#batch.entries.push({ task: this.#batch.task, change, done });
      return;
    }
    this.worker.askIfUp(change.call, ...(change.words as Parameters<Calls[Change['call']]>));
    this.#made(change, done);
  }

  /** As `DataPath.together`: what the tasks change is made as one. */
  together(tasks: readonly (() => void)[]): readonly (Problem | undefined)[] {
    const batch = { task: 0, entries: [] as Entry[] };
    const thrown = new Map<number, Problem>();
    this.#batch = batch;
    for (const task of tasks) {
      try {
        task();
      } catch (error) {
        thrown.set(batch.task, problemOf(error));
      }
      batch.task++;
    }
    this.#batch = undefined;
    const entries = batch.entries.map(({ task, change }) => ({ task, change }));
    const failures = this.#makeAll(entries);
    for (const { task, change, done } of batch.entries) if (!failures.has(task)) this.#made(change, done);
    return tasks.map((_, task) => failures.get(task) ?? thrown.get(task));
  }

  /**
   * Makes in a new worker all that was made in those before it.
   * @param pathOf where a peer is now, by its public key
   * @returns why something could not be made; all else is
   * @throws NetfoldError `dataplane.lost` when this worker ends, too
   */
  restore(pathOf: (publicKey: Uint8Array) => UdpPath | undefined): readonly Problem[] {
    const changes = this.state.replay(pathOf).map((change, task) => ({ task, change }));
    return this.worker.ask('together', changes).map(([, problem]) => problem);
  }

  /** @returns the tasks that failed: all of them when the worker is lost meanwhile, for who asked to ask again */
  #makeAll(entries: readonly Batch[]): ReadonlyMap<number, Problem> {
    if (!this.worker.isUp() || entries.length === 0) return new Map();
    try {
      return new Map(this.worker.ask('together', entries));
    } catch (error) {
      return new Map(entries.map(({ task }) => [task, problemOf(error)]));
    }
  }

  #made(change: Change, done: () => void): void {
    this.state.note(change);
    done();
  }
}

export const CLOSED: Problem = {
  code: 'dataplane.lost',
  message: 'packets no longer come or go: the data path is closed',
};
