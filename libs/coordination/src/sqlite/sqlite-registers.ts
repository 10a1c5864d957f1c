import { closeSync, openSync } from 'node:fs';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { storeClosed } from '#event-store';
import { NetfoldError, problemOf } from '#kernel';
import { type Register, type Registers, registerChanged, requireWritable } from '../registers.js';

/** What is overwritten or deleted is gone from the file: no log keeps it, and free pages are wiped. */
const PREPARE = `
  PRAGMA journal_mode = DELETE; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;
  CREATE TABLE IF NOT EXISTS registers (name TEXT PRIMARY KEY, version INTEGER NOT NULL, value TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS versions (last INTEGER NOT NULL) STRICT;
  INSERT INTO versions SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM versions)`;

const SQL = {
  begin: 'BEGIN IMMEDIATE',
  commit: 'COMMIT',
  rollback: 'ROLLBACK',
  read: 'SELECT version, value FROM registers WHERE name = ?',
  next: 'UPDATE versions SET last = last + 1 RETURNING last',
  insert: 'INSERT INTO registers (name, version, value) VALUES (?, ?, ?)',
  update: 'UPDATE registers SET version = ?, value = ? WHERE name = ?',
  remove: 'DELETE FROM registers WHERE name = ? AND version = ?',
  // By the order of characters: what begins with a prefix stands between it and it with the last character behind.
  names: 'SELECT name FROM registers WHERE name >= ? AND name < ? ORDER BY name',
};

type Statements = { readonly [name in keyof typeof SQL]: StatementSync };

const LAST_CHARACTER = '\u{10ffff}';

/** Registers in a file of one process. */
export class SqliteRegisters implements Registers {
  readonly #statements: Statements;

  private constructor(
    private readonly file: string,
    private readonly database: DatabaseSync,
  ) {
    const prepared = Object.entries(SQL).map(([name, sql]) => [name, database.prepare(sql)]);
    this.#statements = Object.fromEntries(prepared) as Statements;
  }

  /** Opens the file, which only its owner may read; it is made when there is none. @throws NetfoldError `register.unusable` */
  static open(file: string): SqliteRegisters {
    try {
      closeSync(openSync(file, 'a', 0o600));
      const database = new DatabaseSync(file);
      database.exec(PREPARE);
      return new SqliteRegisters(file, database);
    } catch (cause) {
      throw unusable(file, cause);
    }
  }

  read(name: string): Promise<Register | undefined> {
    return this.#guarded(() => this.#read(name));
  }

  write(name: string, expectedVersion: number, value: string): Promise<number> {
    return this.#guarded(() => {
      requireWritable(name, value);
      return this.#atomically(() => {
        const known = this.#read(name);
        if ((known?.version ?? -1) !== expectedVersion) throw registerChanged(name);
        const version = Number(this.#statements.next.get()?.last);
        if (known) this.#statements.update.run(version, value, name);
        else this.#statements.insert.run(name, version, value);
        return version;
      });
    });
  }

  delete(name: string, expectedVersion: number): Promise<void> {
    return this.#guarded(() => {
      if (this.#statements.remove.run(name, expectedVersion).changes === 0) throw registerChanged(name);
    });
  }

  names(prefix: string): Promise<readonly string[]> {
    return this.#guarded(() =>
      this.#statements.names.all(prefix, `${prefix}${LAST_CHARACTER}`).map(({ name }) => String(name)),
    );
  }

  async close(): Promise<void> {
    if (this.database.isOpen) this.database.close();
  }

  #read(name: string): Register | undefined {
    const row = this.#statements.read.get(name);
    return row && { version: Number(row.version), value: String(row.value) };
  }

  #atomically<T>(work: () => T): T {
    const { begin, commit, rollback } = this.#statements;
    begin.run();
    try {
      const result = work();
      commit.run();
      return result;
    } catch (error) {
      if (this.database.isTransaction) rollback.run();
      throw error;
    }
  }

  async #guarded<T>(work: () => T): Promise<T> {
    if (!this.database.isOpen) throw storeClosed();
    try {
      return work();
    } catch (error) {
      throw error instanceof NetfoldError ? error : unusable(this.file, error);
    }
  }
}

const unusable = (file: string, cause: unknown): NetfoldError =>
  new NetfoldError(
    {
      code: 'register.unusable',
      message: `what the server keeps beside the ledger cannot be read or written: ${problemOf(cause).message}`,
      where: file,
      hint: 'let the server own the file and its folder, and look for space on that disk',
    },
    { cause },
  );
