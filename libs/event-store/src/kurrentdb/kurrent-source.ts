import { noSuchLedger } from '../errors.js';
import type { Head } from '../event.js';
import type { LedgerRow, LedgerSource } from '../transfer/ledger-ports.js';
import { LedgerReader } from './ledger-reader.js';
import { type OpenLedger, reachLedger } from './open-kurrent-event-store.js';

/** Reads the ledger in a KurrentDB as it was when it was opened, beside a server that uses it and whatever it holds. */
export class KurrentSource implements LedgerSource {
  readonly name: string;
  #heads: Promise<ReadonlyMap<string, Head>> | undefined;

  /** @param end the position up to which it is read */
  private constructor(
    private readonly ledger: OpenLedger,
    private readonly reader: LedgerReader,
    private readonly end: number,
  ) {
    this.name = ledger.connection.name;
  }

  /** @throws NetfoldError as `openKurrentEventStore`, and `store.no_such_ledger` */
  static async open(url: string): Promise<KurrentSource> {
    const ledger = await reachLedger(url);
    const { connection, names, patience, streams } = ledger;
    try {
      if (streams.length === 0) throw noSuchLedger(connection.name);
      const reader = new LedgerReader(connection, names, { ...patience, signal: new AbortController().signal });
      return new KurrentSource(ledger, reader, await reader.lastPosition());
    } catch (error) {
      await connection.close();
      throw error;
    }
  }

  async count(): Promise<number> {
    let events = 0;
    for (const { revision } of (await this.heads()).values()) events += revision + 1;
    return events;
  }

  async *rows(): AsyncIterable<LedgerRow> {
    for await (const page of this.reader.recorded(0)) {
      for (const recorded of page) {
        const row = this.reader.ours(recorded);
        if (!row) continue;
        if (row.position > this.end) return;
        const { stream, revision, hash, body } = row;
        yield { stream, revision, hash, body };
      }
    }
  }

  /** By the streams themselves, which the server keeps apart from the order of all. */
  heads(): Promise<ReadonlyMap<string, Head>> {
    this.#heads ??= this.#readHeads();
    return this.#heads;
  }

  close(): Promise<void> {
    return this.ledger.connection.close();
  }

  async #readHeads(): Promise<ReadonlyMap<string, Head>> {
    const heads = new Map<string, Head>();
    for (const stream of this.ledger.streams) {
      const last = await this.reader.lastBefore(stream, this.end);
      if (last) heads.set(stream, { revision: last.revision, hash: last.hash });
    }
    return heads;
  }
}
