import { type AppendRequest, chainedRows, malformed } from '../append-rules.js';
import { WrongExpectedRevision } from '../errors.js';
import { EMPTY_HEAD, type Head, type LedgerEvent } from '../event.js';
import type { Appended } from '../event-store.js';
import type { EventRow } from '../local/event-table.js';
import { toKurrent } from './event-codec.js';
import type { AppendAnswer, KurrentConnection } from './kurrent-connection.js';
import { fateOf, isWrongRevision, kurrentCorrupt, kurrentError, outcomeUnknown } from './kurrent-error.js';
import type { LedgerReader } from './ledger-reader.js';
import { Pauses, type RetryOptions } from './retry.js';
import type { StreamNames } from './stream-names.js';
import type { StreamRegistry } from './stream-registry.js';

/** What an attempt came to: an answer, or a failure after which the events may be stored or not. */
type Attempt = { readonly answer: AppendAnswer } | { readonly wrongRevision: true } | { readonly unknown: unknown };

/** Appends to the streams of a ledger, one after the other in each of them. */
export class KurrentAppender {
  /** The ends of streams by what the server has acknowledged or shown. */
  readonly #heads = new Map<string, Head>();
  /** For each stream, when the appends that were asked for are done. */
  readonly #queues = new Map<string, Promise<unknown>>();

  constructor(
    private readonly connection: KurrentConnection,
    private readonly names: StreamNames,
    private readonly reader: LedgerReader,
    private readonly registry: StreamRegistry,
    private readonly patience: RetryOptions,
  ) {}

  append(request: AppendRequest): Promise<Appended> {
    const { stream } = request;
    const done = (this.#queues.get(stream) ?? Promise.resolve()).then(() => this.#append(request));
    const settled = done.catch(() => {});
    this.#queues.set(stream, settled);
    void settled.then(() => {
      if (this.#queues.get(stream) === settled) this.#queues.delete(stream);
    });
    return done;
  }

  /** Resolves when nothing waits. */
  async drained(): Promise<void> {
    await Promise.all(this.#queues.values());
  }

  /**
   * The end of a stream as the server has it now.
   * @throws NetfoldError `store.corrupt` when it was further, or had another history, before
   */
  async head(stream: string): Promise<Head> {
    const known = this.#heads.get(stream) ?? EMPTY_HEAD;
    const last = await this.reader.last(stream);
    const head = last ? { revision: last.revision, hash: last.hash } : EMPTY_HEAD;
    const reached = this.#heads.get(stream) ?? EMPTY_HEAD; // an append may have been answered meanwhile
    if (head.revision < known.revision || (head.revision === known.revision && head.hash !== known.hash)) {
      const what = `${stream} ends at revision ${head.revision}; the store had acknowledged revision ${known.revision}`;
      throw kurrentCorrupt(this.connection.name, head.revision < known.revision ? what : `${what} with another hash`);
    }
    if (head.revision > reached.revision) this.#heads.set(stream, head);
    return head;
  }

  /** The end of a stream as this process has seen it last; as the server has it when it has not. */
  async known(stream: string): Promise<Head> {
    return this.#heads.get(stream) ?? this.head(stream);
  }

  async #append(request: AppendRequest): Promise<Appended> {
    const refusal = malformed(request);
    if (refusal) throw refusal;
    const { stream, expectedRevision, events } = request;
    let head = this.#heads.get(stream);
    if (head?.revision !== expectedRevision) head = await this.head(stream); // others write, too
    if (head.revision !== expectedRevision) return this.#firstAnswer(request, head);
    const rows = chainedRows(head, request);
    if (!rows.ok) throw rows.error;
    if (expectedRevision < 0) await this.registry.enter(stream);
    const appended = await this.#write(request, rows.value, head);
    const last = events.at(-1);
    if (last) this.#heads.set(stream, { revision: last.revision, hash: last.hash });
    return appended;
  }

  /**
   * Sends the events until it is known what became of them. To send them again does no harm: the server stores
   * them at this place of the stream or nowhere, and knows by their ids when it has them.
   */
  async #write(request: AppendRequest, rows: readonly EventRow[], head: Head): Promise<Appended> {
    const { stream, expectedRevision } = request;
    const data = kurrentEvents(request.events, rows, head);
    const pauses = new Pauses(this.patience.signal);
    for (const started = performance.now(); ; ) {
      const attempt = await this.#attempt(stream, expectedRevision, data);
      if ('answer' in attempt) return this.#believe(request, attempt.answer);
      try {
        const now = await this.head(stream);
        if (now.revision !== expectedRevision) return await this.#firstAnswer(request, now);
      } catch (error) {
        if (fateOf(error) === 'transient')
          throw outcomeUnknown(this.connection.name, stream, kurrentError(this.connection.name, error));
        throw error;
      }
      const failure = 'unknown' in attempt ? attempt.unknown : disagreement(stream, expectedRevision);
      if (performance.now() - started > this.patience.patience) {
        throw outcomeUnknown(this.connection.name, stream, kurrentError(this.connection.name, failure));
      }
      await pauses.pause();
    }
  }

  /** @throws NetfoldError when the server refuses for good */
  async #attempt(stream: string, expectedRevision: number, data: ReturnType<typeof kurrentEvents>): Promise<Attempt> {
    try {
      return { answer: await this.connection.append(this.names.kurrent(stream), expectedRevision, data) };
    } catch (error) {
      if (isWrongRevision(error)) return { wrongRevision: true };
      if (fateOf(error) === 'transient') return { unknown: error };
      throw kurrentError(this.connection.name, error);
    }
  }

  async #believe({ stream, expectedRevision, events }: AppendRequest, answer: AppendAnswer): Promise<Appended> {
    const revision = expectedRevision + events.length;
    if (answer.revision !== revision) {
      const what = `the store acknowledges revision ${answer.revision} of ${stream} for an append up to ${revision}`;
      throw kurrentCorrupt(this.connection.name, what);
    }
    if (answer.position !== undefined) return { revision, position: answer.position };
    const row = await this.reader.at(stream, revision);
    if (row?.hash === events.at(-1)?.hash && row) return { revision, position: row.position };
    throw kurrentCorrupt(this.connection.name, `${stream}@${revision} was acknowledged and is not there`);
  }

  /** What an append is answered whose place is taken: its first answer, when these very events are there. */
  async #firstAnswer({ stream, expectedRevision, events }: AppendRequest, head: Head): Promise<Appended> {
    const limit = events.length;
    let index = 0;
    for await (const page of this.reader.stream({ stream, from: expectedRevision + 1, limit, backwards: false })) {
      for (const row of page) {
        if (row.hash !== events[index]?.hash) throw new WrongExpectedRevision(stream, expectedRevision, head.revision);
        index += 1;
        if (index === limit) return { revision: row.revision, position: row.position };
      }
    }
    throw new WrongExpectedRevision(stream, expectedRevision, head.revision);
  }
}

function kurrentEvents(events: readonly LedgerEvent[], rows: readonly EventRow[], head: Head) {
  let previous = head.hash;
  return events.map((event, i) => {
    const data = toKurrent(event, rows[i]?.body ?? '', previous);
    previous = event.hash;
    return data;
  });
}

const disagreement = (stream: string, expected: number): Error =>
  new Error(`the store says that ${stream} is not at revision ${expected}, and shows it there`);
