import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { noSuchLedger } from '../errors.js';
import type { Head } from '../event.js';
import type { StoredRow } from '../local/event-table.js';
import type { LedgerRow, LedgerSource } from '../transfer/ledger-ports.js';
import { requireLedger } from './open-ledger-file.js';
import { guarded } from './sqlite-error.js';

const PAGE = 512;

/**
 * Reads the file of a ledger row by row, beside a server that uses it too, and however damaged its content is.
 */
export class SqliteSource implements LedgerSource {
  private constructor(
    readonly name: string,
    private readonly database: DatabaseSync,
  ) {}

  /** @throws NetfoldError `store.no_such_ledger`, `store.cannot_open`, `store.not_a_ledger`, `store.newer_schema`, `store.corrupt` */
  static open(file: string): SqliteSource {
    if (!existsSync(file)) throw noSuchLedger(file);
    const database = guarded(file, () => new DatabaseSync(file, { readOnly: true, timeout: 1_000 }));
    try {
      guarded(file, () => requireLedger(database, file));
      // One moment for all that is read: a server may append meanwhile.
      guarded(file, () => database.exec('BEGIN; SELECT count(*) FROM heads'));
      return new SqliteSource(file, database);
    } catch (error) {
      database.close();
      throw error;
    }
  }

  async count(): Promise<number> {
    return guarded(this.name, () => Number(this.database.prepare('SELECT count(*) AS n FROM events').get()?.n));
  }

  async *rows(): AsyncIterable<LedgerRow> {
    const statement = guarded(this.name, () =>
      this.database.prepare(
        'SELECT position, stream, revision, hash, body FROM events WHERE position > ? ORDER BY position LIMIT ?',
      ),
    );
    for (let last = Number.MIN_SAFE_INTEGER; ; ) {
      const page = guarded(this.name, () => statement.all(last, PAGE)) as unknown as readonly StoredRow[];
      yield* page;
      if (page.length < PAGE) return;
      last = page.at(-1)?.position ?? last;
      await nextTurn();
    }
  }

  /** As the table of heads has them, which opening the ledger for a server compares with the events. */
  async heads(): Promise<ReadonlyMap<string, Head>> {
    const rows = guarded(this.name, () => this.database.prepare('SELECT stream, revision, hash FROM heads').all());
    return new Map(
      rows.map(({ stream, revision, hash }) => [String(stream), { revision: Number(revision), hash: String(hash) }]),
    );
  }

  async close(): Promise<void> {
    this.database.close();
  }
}
