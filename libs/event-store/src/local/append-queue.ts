import { err, type Result } from '#kernel';
import type { AppendRequest } from '../append-rules.js';
import type { Appended } from '../event-store.js';
import { appendOne } from './append-one.js';
import type { EventTable } from './event-table.js';

/** Above this a transaction would keep the process from everything else for too long. */
const MAX_EVENTS_PER_COMMIT = 4096;

interface Waiting {
  readonly request: AppendRequest;
  readonly resolve: (appended: Appended) => void;
  readonly reject: (error: unknown) => void;
}

type Outcome = Result<Appended, unknown>;

/**
 * Group commit: the appends that are asked for in one turn of the event loop share one transaction, because the
 * sync to disk costs more than everything else. Each is judged by itself on what the ones before it left, and
 * nobody is answered before the commit.
 */
export class AppendQueue {
  #waiting: Waiting[] = [];
  #drained: PromiseWithResolvers<void> | undefined;

  constructor(
    private readonly table: EventTable,
    private readonly committed: () => void,
  ) {}

  add(request: AppendRequest): Promise<Appended> {
    const { promise, resolve, reject } = Promise.withResolvers<Appended>();
    if (this.#waiting.push({ request, resolve, reject }) === 1) setImmediate(() => this.#commit());
    return promise;
  }

  /** Resolves when nothing waits. */
  async drained(): Promise<void> {
    if (this.#waiting.length === 0) return;
    this.#drained ??= Promise.withResolvers();
    await this.#drained.promise;
  }

  #commit(): void {
    const batch = this.#takeBatch();
    const outcomes = this.#attempt(batch);
    batch.forEach(({ resolve, reject }, i) => {
      const outcome = outcomes[i];
      if (outcome?.ok) resolve(outcome.value);
      else reject(outcome?.error);
    });
    if (outcomes.some(({ ok }) => ok)) this.committed();
    if (this.#waiting.length > 0) setImmediate(() => this.#commit());
    else this.#drained?.resolve();
  }

  #takeBatch(): Waiting[] {
    let events = 0;
    const end = this.#waiting.findIndex(({ request }, i) => {
      events += request.events.length;
      return i > 0 && events > MAX_EVENTS_PER_COMMIT;
    });
    return this.#waiting.splice(0, end < 0 ? this.#waiting.length : end);
  }

  /**
   * When the storage fails, each append is tried alone, so that one that cannot be stored takes no other along;
   * unless no transaction could even begin, which would be no different for one.
   */
  #attempt(batch: readonly Waiting[]): readonly Outcome[] {
    let begun = false;
    try {
      return this.table.atomically(() => {
        begun = true;
        return batch.map(({ request }) => appendOne(this.table, request));
      });
    } catch (error) {
      return begun && batch.length > 1 ? batch.flatMap((one) => this.#attempt([one])) : batch.map(() => err(error));
    }
  }
}
