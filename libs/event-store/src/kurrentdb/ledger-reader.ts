import type { EventPlace } from '../unreadable-event.js';
import { ChainGuard } from './chain-guard.js';
import { fromKurrent, type KurrentRow, markOf, positionOf, type Recorded, requireWhole } from './event-codec.js';
import { type KurrentConnection, positionAt } from './kurrent-connection.js';
import { kurrentCorrupt } from './kurrent-error.js';
import { type RetryOptions, retry } from './retry.js';
import type { StreamNames } from './stream-names.js';

/** So many events are asked for at once. */
export const PAGE = 512;
/** For the last event of the ledger, behind which there may be some of others. */
const TAIL_PAGE = 32;

/** What was found at the end of all that is recorded. */
interface Tail {
  /** Up to this position. */
  readonly end: number;
  /** The position of the last event of the ledger, 0 when there is none. */
  readonly last: number;
}

export interface StreamRange {
  readonly stream: string;
  readonly from: number;
  readonly limit: number;
  readonly backwards: boolean;
}

/** The events of one ledger in KurrentDB, page by page and each checked; what fails in passing is tried again. */
export class LedgerReader {
  #tail: Tail = { end: 0, last: 0 };

  constructor(
    private readonly connection: KurrentConnection,
    private readonly names: StreamNames,
    private readonly patience: RetryOptions,
  ) {}

  /** The last event of a stream. */
  async last(stream: string): Promise<KurrentRow | undefined> {
    return (await this.#stream(stream, 'end', 1, true))[0];
  }

  /** The event at a revision. */
  async at(stream: string, revision: number): Promise<KurrentRow | undefined> {
    return (await this.#stream(stream, BigInt(revision), 1, false))[0];
  }

  async *stream({ stream, from, limit, backwards }: StreamRange): AsyncGenerator<readonly KurrentRow[]> {
    let next = from;
    let before: KurrentRow | undefined;
    for (let left = limit; left > 0 && next >= 0; ) {
      const size = Math.min(PAGE, left);
      const page = await this.#page(stream, BigInt(next), size, backwards);
      const rows: KurrentRow[] = [];
      try {
        for (const recorded of page) {
          const row = requireWhole(this.connection.name, this.read(recorded));
          this.#requireNeighbours(before, row, backwards);
          rows.push(row);
          before = row;
        }
      } catch (error) {
        // What comes before the first that is wrong is right all the same.
        if (rows.length > 0) yield rows;
        throw error;
      }
      if (rows.length > 0) yield rows;
      if (page.length < size) return;
      left -= size;
      next += backwards ? -size : size;
    }
  }

  /** The hashes of a stream's events, as they are marked: that each is that of its event is not looked at. */
  async *hashes(stream: string, from: number): AsyncGenerator<readonly string[]> {
    for (let next = from; ; next += PAGE) {
      const page = await this.#page(stream, BigInt(next), PAGE, false);
      if (page.length > 0) yield page.map((recorded) => markOf(this.connection.name, this.names, recorded).hash);
      if (page.length < PAGE) return;
    }
  }

  /** The events of all streams behind a position. */
  async *all(after: number): AsyncGenerator<readonly KurrentRow[]> {
    const guard = new ChainGuard(this.connection.name);
    for await (const page of this.recorded(after)) {
      const rows = page.flatMap((recorded) => this.ours(recorded) ?? []).map((row) => guard.pass(row));
      if (rows.length > 0) yield rows;
    }
  }

  /** All that is recorded behind a position, whoever wrote it. */
  async *recorded(after: number): AsyncGenerator<readonly Recorded[]> {
    for (let from = after; ; ) {
      // The server begins with the event at the position, which is one more than is wanted.
      const limit = PAGE + 1;
      const page = await retry(
        () => this.connection.allPage({ from: from > 0 ? positionAt(from) : 'start', limit }),
        this.patience,
      );
      const fresh = page.filter((recorded) => this.#positionOf(recorded) > from);
      if (fresh.length > 0) yield fresh;
      if (page.length < limit) return;
      const last = page.at(-1);
      const reached = last ? this.#positionOf(last) : from;
      if (reached <= from) throw kurrentCorrupt(this.connection.name, `nothing follows position ${from}`);
      from = reached;
    }
  }

  /**
   * The position of the last event of the ledger, 0 when there is none. Leases that are kept up write beside it for as long
   * as a ledger rests, so it looks no further back than it has looked before.
   */
  async lastPosition(): Promise<number> {
    const tail = await this.#newTail(this.#tail);
    this.#tail = tail;
    return tail.last;
  }

  async #newTail(known: Tail): Promise<Tail> {
    let end: number | undefined;
    for (let from: number | undefined; ; ) {
      const limit = from === undefined ? TAIL_PAGE : PAGE;
      const page = await this.#pageBefore(from, limit);
      const oldest = page.at(-1);
      if (!oldest) return { end: end ?? 0, last: 0 };
      end ??= this.#positionOf(page[0] ?? oldest);
      const ours = page.find(({ streamId }) => this.names.ledgerStream(streamId) !== undefined);
      if (ours) return { end, last: this.#positionOf(ours) };
      from = this.#positionOf(oldest);
      if (from <= known.end && known.end <= end) return { end, last: known.last };
      if (page.length < limit) return { end, last: 0 };
    }
  }

  #pageBefore(position: number | undefined, limit: number): Promise<Recorded[]> {
    const from = position === undefined ? 'end' : positionAt(position);
    return retry(() => this.connection.allPage({ from, limit, backwards: true }), this.patience);
  }

  /** The last event of a stream at or before a position. */
  async lastBefore(stream: string, position: number): Promise<KurrentRow | undefined> {
    const last = await this.last(stream);
    if (!last || position >= last.position) return last;
    let before: KurrentRow | undefined;
    let [low, high] = [-1, last.revision]; // that at `high` is behind the position, that at `low` is not
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      const row = await this.at(stream, middle);
      if (!row) throw kurrentCorrupt(this.connection.name, `${stream}@${middle} is missing`);
      if (row.position > position) high = middle;
      else [low, before] = [middle, row];
    }
    return before;
  }

  /** Where an event stands; undefined when it is none of this ledger's. */
  placeOf(recorded: Recorded): EventPlace | undefined {
    const stream = this.names.ledgerStream(recorded.streamId);
    if (stream === undefined) return undefined;
    const { type, revision } = recorded;
    return { stream, revision: Number(revision), position: this.#positionOf(recorded), type };
  }

  read(recorded: Recorded): KurrentRow {
    return fromKurrent(this.connection.name, this.names, recorded);
  }

  /** The event, when it is one of this ledger's. */
  ours(recorded: Recorded): KurrentRow | undefined {
    return this.names.ledgerStream(recorded.streamId) === undefined ? undefined : this.read(recorded);
  }

  async #stream(stream: string, from: bigint | 'end', limit: number, backwards: boolean): Promise<KurrentRow[]> {
    const page = await this.#page(stream, from, limit, backwards);
    const { name } = this.connection;
    return page.map((recorded) => requireWhole(name, fromKurrent(name, this.names, recorded)));
  }

  #positionOf(recorded: Recorded): number {
    return positionOf(this.connection.name, recorded);
  }

  #page(stream: string, from: bigint | 'end', limit: number, backwards: boolean): Promise<Recorded[]> {
    return retry(() => this.connection.page(this.names.kurrent(stream), { from, limit, backwards }), this.patience);
  }

  #requireNeighbours(before: KurrentRow | undefined, row: KurrentRow, backwards: boolean): void {
    if (!before) return;
    const [earlier, later] = backwards ? [row, before] : [before, row];
    if (later.revision === earlier.revision + 1 && later.previous === earlier.hash) return;
    const what = `${row.stream}@${row.revision} stands beside ${before.stream}@${before.revision}, where it cannot be`;
    throw kurrentCorrupt(this.connection.name, what);
  }
}
