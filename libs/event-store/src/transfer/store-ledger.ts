import type { Head, LedgerEvent } from '../event.js';
import { canonicalEvent } from '../event-hash.js';
import type { EventStore } from '../event-store.js';
import type { LedgerRow, LedgerSource, LedgerTarget } from './ledger-ports.js';

/** Any event store as a ledger to copy from or to. */
export class StoreLedger implements LedgerSource, LedgerTarget {
  constructor(
    readonly name: string,
    private readonly store: EventStore,
  ) {}

  async count(): Promise<number> {
    let events = 0;
    for (const { revision } of (await this.heads()).values()) events += revision + 1;
    return events;
  }

  async *rows(): AsyncIterable<LedgerRow> {
    for await (const event of this.store.readAll()) {
      const { stream, revision, hash } = event;
      yield { stream, revision, hash, body: canonicalEvent(event) };
    }
  }

  async heads(): Promise<ReadonlyMap<string, Head>> {
    const heads = new Map<string, Head>();
    for (const stream of await this.store.streams()) heads.set(stream, await this.store.head(stream));
    return heads;
  }

  /** The store checks each event and its hash again, and keeps the very text. */
  async append(rows: readonly LedgerRow[]): Promise<void> {
    // Asked for in one turn, so that they share a transaction and keep their order.
    await Promise.all(runsOf(rows).map((run) => this.appendRun(run)));
  }

  async finish(): Promise<void> {}

  close(): Promise<void> {
    return this.store.close();
  }

  protected async appendRun(run: Run): Promise<void> {
    await this.store.append(run[0].stream, run[0].revision - 1, run.map(eventOf));
  }
}

export type Run = [LedgerRow, ...LedgerRow[]];

/**
 * Rows of one stream that stand together, as one append each.
 * @param limit the characters of all texts in a run, unless it is a single one
 */
export function runsOf(rows: readonly LedgerRow[], limit = Infinity): readonly Run[] {
  const runs: Run[] = [];
  let length = 0;
  for (const row of rows) {
    const run = runs.at(-1);
    length += row.body.length;
    if (run?.[0].stream === row.stream && length <= limit) run.push(row);
    else {
      runs.push([row]);
      length = row.body.length;
    }
  }
  return runs;
}

const eventOf = ({ body, hash }: LedgerRow): LedgerEvent => ({
  ...(JSON.parse(body) as Omit<LedgerEvent, 'hash'>),
  hash,
});
