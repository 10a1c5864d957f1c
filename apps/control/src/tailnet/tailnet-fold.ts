import { EMPTY_HEAD, type Head, type LedgerEvent, type StoredEvent } from '#event-store';
import { NetfoldError } from '#kernel';
import { evolve, initialState, type TailnetState } from '#tailnet';

/** A sealed event and the state that a writer found it to lead to. */
export interface Foreseen {
  readonly event: LedgerEvent;
  readonly state: TailnetState;
}

interface Waiting {
  readonly revision: number;
  readonly resolve: () => void;
  readonly reject: (error: NetfoldError) => void;
}

/** The state of one tailnet as far as the subscription has come: what everybody in this process reads. */
export class TailnetFold {
  #state: TailnetState = initialState;
  #head: Head = EMPTY_HEAD;
  #waiting: Waiting[] = [];
  #failure: NetfoldError | undefined;
  readonly #foreseen = new Map<string, TailnetState>();

  get state(): TailnetState {
    return this.#state;
  }

  get head(): Head {
    return this.#head;
  }

  /**
   * Tells what appended events lead to, so that each is folded once in this process, and so that writer and readers
   * share one chain of states: what two states have in common is then the same object.
   */
  foresee(steps: readonly Foreseen[]): void {
    for (const { event, state } of steps) {
      if (event.revision > this.#head.revision) this.#foreseen.set(event.hash, state);
    }
  }

  /** Starts from, or goes on from, what was worked out elsewhere: a snapshot, or another fold of the same events. */
  adopt(state: TailnetState, head: Head): void {
    this.#state = state;
    this.#head = { revision: head.revision, hash: head.hash };
    this.#foreseen.clear();
    this.#wake();
  }

  /** The state after the next event of the stream, which is then to be taken. */
  after(event: StoredEvent): TailnetState {
    return this.#foreseen.get(event.hash) ?? evolve(this.#state, event, event);
  }

  /** Takes the next event of the stream. @param state after it */
  apply(event: StoredEvent, state = this.after(event)): void {
    this.#state = state;
    this.#foreseen.delete(event.hash);
    this.#head = { revision: event.revision, hash: event.hash };
    if (this.#waiting.length > 0) this.#wake();
  }

  /**
   * The first state at this revision or a later one.
   * @param signal ends the wait
   * @throws NetfoldError what `fail` was given when no further events will come, `control.behind` when the signal came first
   */
  async reached(revision: number, signal?: AbortSignal): Promise<TailnetState> {
    if (this.#head.revision >= revision) return this.#state;
    if (this.#failure) throw this.#failure;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiting = { revision, resolve, reject };
    this.#waiting.push(waiting);
    const giveUp = () => {
      this.#waiting = this.#waiting.filter((one) => one !== waiting);
      reject(behind(revision, this.#head.revision));
    };
    if (signal?.aborted) giveUp();
    else signal?.addEventListener('abort', giveUp);
    await promise.finally(() => signal?.removeEventListener('abort', giveUp));
    return this.#state;
  }

  /** No further events will come. */
  fail(failure: NetfoldError): void {
    this.#failure = failure;
    for (const { reject } of this.#waiting) reject(failure);
    this.#waiting = [];
  }

  #wake(): void {
    const due = this.#waiting.filter(({ revision }) => revision <= this.#head.revision);
    this.#waiting = this.#waiting.filter(({ revision }) => revision > this.#head.revision);
    for (const { resolve } of due) resolve();
  }
}

const behind = (wanted: number, revision: number): NetfoldError =>
  new NetfoldError({
    code: 'control.behind',
    message: `this server is at revision ${revision}, and has not seen ${wanted}`,
    where: 'minRevision',
    hint: 'try again, or ask for a revision that there is',
  });
