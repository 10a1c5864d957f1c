import { setTimeout as sleep } from 'node:timers/promises';
import { type EventStore, type Head, headAfter, WrongExpectedRevision } from '#event-store';
import { type Clock, NetfoldError } from '#kernel';
import { type PersonKeys, sealPersonalData } from '#personal-data';
import type { EventCodec, TailnetState } from '#tailnet';
import { type Batch, decideBatch, type WriteOutcome, type WriteRequest } from './decide-batch.js';
import { RejectedCommand } from './rejected-command.js';
import type { TailnetFold } from './tailnet-fold.js';

/** Bounds the time that one append, and one turn of the event loop, can take. */
const MAX_BATCH = 512;

/** So long others can get in first, or the subscription can be late, in milliseconds; then the callers are told to try again. */
const PATIENCE_MS = 10_000;
/** Writers that met once do not meet again: the pause before the n-th attempt is at most 2ⁿ times this, in milliseconds. */
const PAUSE_MS = 2;
const MOST_PAUSE_MS = 250;

/** What a decision builds upon. */
interface Base {
  readonly state: TailnetState;
  readonly head: Head;
}

interface Queued {
  readonly request: WriteRequest;
  readonly resolve: (outcome: WriteOutcome) => void;
  readonly reject: (error: unknown) => void;
}

/** Carries a command out, and takes note of it. */
type Observed = (
  request: WriteRequest,
  execute: (request: WriteRequest) => Promise<WriteOutcome>,
) => Promise<WriteOutcome>;

/**
 * The only writer of a tailnet's stream in this process. Requests that come while an append is under way are decided
 * together and stored in the next one (group commit). Nobody is answered before the events are durable.
 */
export class TailnetWriter {
  #queue: Queued[] = [];
  #draining = false;
  #stopped: NetfoldError | undefined;
  /** Goes up when what was known is not to be built upon any more. */
  #generation = 0;
  /** Ahead of the fold by what was appended and has not come back through the subscription; undefined: unknown. */
  #known: Base | undefined;

  constructor(
    private readonly stream: string,
    private readonly store: EventStore,
    private readonly fold: TailnetFold,
    private readonly people: PersonKeys,
    private readonly clock: Clock,
    private readonly codec: EventCodec,
    private readonly observed: Observed = (request, execute) => execute(request),
    private readonly patienceMs = PATIENCE_MS,
  ) {}

  /**
   * @throws NetfoldError the domain's rejection; `store.…` when nothing could be stored;
   * `conflict.contention` when other replicas were faster for too long; `control.behind` when this process does not see what
   * the store has; what `stop` was given
   */
  execute(request: WriteRequest): Promise<WriteOutcome> {
    return this.observed(request, (asked) => this.#enqueue(asked));
  }

  #enqueue(request: WriteRequest): Promise<WriteOutcome> {
    const answer = new Promise<WriteOutcome>((resolve, reject) => this.#queue.push({ request, resolve, reject }));
    if (!this.#draining) void this.#drain();
    return answer;
  }

  /** Decides from now on what the readers know: they have worked it out anew. */
  reconsider(): void {
    this.#known = undefined;
    this.#generation += 1;
  }

  /** Writes nothing any more. @param failure what everybody is answered who asks for something */
  stop(failure: NetfoldError): void {
    this.#stopped = failure;
    this.reconsider();
  }

  async #drain(): Promise<void> {
    this.#draining = true;
    await Promise.resolve(); // what is asked for in the same turn belongs to the same batch
    while (this.#queue.length > 0) {
      const batch = this.#queue.splice(0, MAX_BATCH);
      try {
        await this.#commit(batch);
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.#draining = false;
  }

  async #commit(queued: readonly Queued[]): Promise<void> {
    const requests = queued.map(({ request }) => request);
    const deadline = AbortSignal.timeout(this.patienceMs);
    for (let attempt = 0; !deadline.aborted; attempt++) {
      if (attempt > 1) await sleep(Math.random() * Math.min(MOST_PAUSE_MS, PAUSE_MS * 2 ** attempt));
      if (this.#stopped) throw this.#stopped;
      const { state, head } = this.#newest() ?? (await this.#catchUp(deadline));
      const batch = decideBatch(this.stream, state, head, requests, this.clock.now(), (draft, floor) =>
        sealPersonalData({ ...draft, ...this.codec.write(draft, floor) }, this.people),
      );
      const failure = await this.#append(head, batch);
      if (failure instanceof WrongExpectedRevision || failure === OUTDATED) continue;
      if (queued.length > 1 && isTooLarge(failure)) return this.#commitHalves(queued);
      queued.forEach((one, i) => {
        answer(one, batch.answers[i], failure);
      });
      return;
    }
    throw contention(this.stream);
  }

  /** Some stores take only so much at once; they refused it whole. */
  async #commitHalves(queued: readonly Queued[]): Promise<void> {
    const middle = queued.length >> 1;
    await this.#commit(queued.slice(0, middle));
    await this.#commit(queued.slice(middle));
  }

  /** Stores a batch; a failure is returned, and leaves what is stored unknown. To be called in the turn that sealed it. */
  async #append(head: Head, batch: Batch): Promise<unknown> {
    const events = batch.steps.map(({ event }) => event);
    if (events.length === 0) return this.#stillHolds(head);
    const generation = this.#generation;
    try {
      const stands = await this.people.settled();
      if (!stands || generation !== this.#generation) return OUTDATED;
      await this.store.append(this.stream, head.revision, events);
    } catch (error) {
      this.#known = undefined;
      return error;
    }
    if (generation !== this.#generation) return undefined;
    this.fold.foresee(batch.steps);
    this.#known = { state: batch.state, head: headAfter(head, events) };
    return undefined;
  }

  /** An append is refused when another writer was faster; an answer that stores nothing is to be as true. */
  async #stillHolds(head: Head): Promise<unknown> {
    try {
      if ((await this.store.head(this.stream)).revision === head.revision) return undefined;
    } catch (error) {
      return error;
    }
    this.#known = undefined;
    return OUTDATED;
  }

  /** The newest that is known without asking; undefined when nothing is. Readers are ahead when another replica has written. */
  #newest(): Base | undefined {
    if (this.#known && this.fold.head.revision > this.#known.head.revision) this.#known = this.#read();
    return this.#known;
  }

  /** What the store holds, in the readers' own chain of states. */
  async #catchUp(deadline: AbortSignal): Promise<Base> {
    const { revision } = await this.store.head(this.stream);
    try {
      await this.fold.reached(revision, deadline);
    } catch (error) {
      throw deadline.aborted && !this.#stopped ? notSeen(this.stream, this.fold.head.revision, revision) : error;
    }
    this.#known = this.#read();
    return this.#known;
  }

  /** State and head of one moment. */
  #read(): Base {
    return { state: this.fold.state, head: this.fold.head };
  }
}

/** Nothing was stored: a key that something is sealed with does not count, or what was decided upon has been worked out anew. */
const OUTDATED = Symbol('outdated');

const isTooLarge = (failure: unknown): boolean =>
  failure instanceof NetfoldError && failure.code === 'store.append_too_large';

function answer({ resolve, reject }: Queued, given: Batch['answers'][number] | undefined, failure: unknown): void {
  if (!given || (failure !== undefined && given.tentative)) reject(failure);
  else if (given.result.ok) resolve(given.result.value);
  else reject(new RejectedCommand(given.result.error));
}

const contention = (stream: string): NetfoldError =>
  new NetfoldError({
    code: 'conflict.contention',
    message: `other writers of ${stream} were faster every time`,
    hint: 'nothing was changed; try again',
  });

const notSeen = (stream: string, seen: number, stored: number): NetfoldError =>
  new NetfoldError({
    code: 'control.behind',
    message: `this server has seen ${stream} up to revision ${seen}, and the store has ${stored}`,
    where: stream,
    hint: 'nothing was changed; try again, or ask another server',
  });
