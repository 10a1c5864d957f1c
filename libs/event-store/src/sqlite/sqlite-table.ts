import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { EMPTY_HEAD, type Head } from '../event.js';
import type { EventRow, EventTable, StoredRow, StreamPage } from '../local/event-table.js';
import { guarded } from './sqlite-error.js';

const COLUMNS = 'position, stream, revision, hash, body';

const SQL = {
  begin: 'BEGIN IMMEDIATE',
  commit: 'COMMIT',
  rollback: 'ROLLBACK',
  head: 'SELECT revision, hash FROM heads WHERE stream = ?',
  insert: `INSERT INTO events (${COLUMNS}) VALUES (?, ?, ?, ?, ?)`,
  setHead: `INSERT INTO heads (stream, revision, hash) VALUES (?, ?, ?)
    ON CONFLICT DO UPDATE SET revision = excluded.revision, hash = excluded.hash`,
  forwards: `SELECT ${COLUMNS} FROM events WHERE stream = ? AND revision >= ? ORDER BY revision LIMIT ?`,
  backwards: `SELECT ${COLUMNS} FROM events WHERE stream = ? AND revision <= ? ORDER BY revision DESC LIMIT ?`,
  hashes: 'SELECT hash FROM events WHERE stream = ? AND revision >= ? ORDER BY revision LIMIT ?',
  all: `SELECT ${COLUMNS} FROM events WHERE position > ? ORDER BY position LIMIT ?`,
  lastPosition: 'SELECT coalesce(max(position), 0) AS position FROM events',
  // From the end, where a consumer that was away for a while will have stopped.
  revisionAt: 'SELECT revision FROM events WHERE stream = ? AND position <= ? ORDER BY revision DESC LIMIT 1',
  streams: 'SELECT stream FROM heads ORDER BY stream',
  checkpoint: 'SELECT position FROM checkpoints WHERE name = ?',
  saveCheckpoint: `INSERT INTO checkpoints (name, position) VALUES (?, ?)
    ON CONFLICT DO UPDATE SET position = excluded.position`,
};

type Statements = { readonly [name in keyof typeof SQL]: StatementSync };

/** The tables of a ledger file. Nothing is kept in memory, so that a failed write leaves nothing to take back. */
export class SqliteTable implements EventTable {
  readonly #statements: Statements;

  /** @param name the path of the file */
  constructor(
    readonly name: string,
    private readonly database: DatabaseSync,
    private readonly release: () => void,
  ) {
    const prepared = Object.entries(SQL).map(([name, sql]) => [name, database.prepare(sql)]);
    this.#statements = Object.fromEntries(prepared) as Statements;
  }

  atomically<T>(work: () => T): T {
    const { begin, commit, rollback } = this.#statements;
    return guarded(this.name, () => {
      begin.run();
      try {
        const result = work();
        commit.run();
        return result;
      } catch (error) {
        if (this.database.isTransaction) rollback.run(); // SQLite has already done so when the disk is full
        throw error;
      }
    });
  }

  head(stream: string): Head {
    return guarded(this.name, () => this.#statements.head.get(stream) as Head | undefined) ?? EMPTY_HEAD;
  }

  append(rows: readonly EventRow[]): number {
    const { insert, setHead } = this.#statements;
    return guarded(this.name, () => {
      let position = this.lastPosition();
      for (const { stream, revision, hash, body } of rows) {
        position += 1;
        insert.run(position, stream, revision, hash, body);
      }
      const last = rows.at(-1);
      if (last) setHead.run(last.stream, last.revision, last.hash);
      return position;
    });
  }

  streamPage({ stream, from, limit, backwards }: StreamPage): readonly StoredRow[] {
    const statement = backwards ? this.#statements.backwards : this.#statements.forwards;
    return this.#rows(statement, stream, from, limit);
  }

  hashPage(stream: string, from: number, limit: number): readonly string[] {
    return guarded(this.name, () => this.#statements.hashes.all(stream, from, limit)).map(({ hash }) => String(hash));
  }

  page(after: number, limit: number): readonly StoredRow[] {
    return this.#rows(this.#statements.all, after, limit);
  }

  lastPosition(): number {
    return this.#number(this.#statements.lastPosition, 'position') ?? 0;
  }

  revisionAt(stream: string, position: number): number {
    return this.#number(this.#statements.revisionAt, 'revision', stream, position) ?? -1;
  }

  streams(): readonly string[] {
    return guarded(this.name, () => this.#statements.streams.all().map(({ stream }) => String(stream)));
  }

  checkpoint(name: string): number | undefined {
    return this.#number(this.#statements.checkpoint, 'position', name);
  }

  saveCheckpoint(name: string, position: number): void {
    guarded(this.name, () => this.#statements.saveCheckpoint.run(name, position));
  }

  close(): void {
    try {
      this.database.close();
    } finally {
      this.release();
    }
  }

  #rows(statement: StatementSync, ...parameters: (string | number)[]): readonly StoredRow[] {
    return guarded(this.name, () => statement.all(...parameters) as unknown as readonly StoredRow[]);
  }

  #number(statement: StatementSync, column: string, ...parameters: (string | number)[]): number | undefined {
    const row = guarded(this.name, () => statement.get(...parameters));
    return row && Number(row[column]);
  }
}
