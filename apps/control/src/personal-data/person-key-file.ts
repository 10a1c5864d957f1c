import { closeSync, openSync } from 'node:fs';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { NetfoldError, problemOf, type Random, toHex } from '#kernel';
import type { PersonKey } from '#personal-data';
import type { PersonKeyStore } from './person-key-store.js';
import { personLookup } from './person-lookup.js';

const ID_BYTES = 8;
const SECRET_BYTES = 64;

/** What is deleted is overwritten, in the tables and in the log: an erased key must not be found in the file. */
const PREPARE = `
  PRAGMA journal_mode = DELETE; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;
  CREATE TABLE IF NOT EXISTS people (id TEXT PRIMARY KEY, lookup BLOB NOT NULL UNIQUE, secret BLOB NOT NULL) STRICT`;

/**
 * The keys of people in a file of their own, beside the ledger and never in it. Addresses are not in it either: a person is
 * found by a keyed hash of the address. A copy of the ledger without a copy of this file names nobody.
 */
export class PersonKeyFile implements PersonKeyStore {
  readonly #database: DatabaseSync;
  readonly #byLookup: StatementSync;
  readonly #byId: StatementSync;
  readonly #add: StatementSync;
  readonly #remove: StatementSync;
  readonly #known = new Map<string, PersonKey>();

  /**
   * @param pepper keys the hashes of addresses, so that whoever has the file alone cannot try addresses
   * @throws NetfoldError `people.unusable`
   */
  constructor(
    file: string,
    private readonly pepper: Uint8Array,
    private readonly random: Random,
  ) {
    this.#database = openDatabase(file);
    this.#byLookup = this.#database.prepare('SELECT id, secret FROM people WHERE lookup = ?');
    this.#byId = this.#database.prepare('SELECT id, secret FROM people WHERE id = ?');
    this.#add = this.#database.prepare('INSERT INTO people (id, lookup, secret) VALUES (?, ?, ?)');
    this.#remove = this.#database.prepare('DELETE FROM people WHERE id = ?');
  }

  of(email: string): PersonKey {
    const lookup = this.#lookup(email);
    return this.#row(this.#byLookup.get(lookup)) ?? this.#create(lookup);
  }

  find(id: string): PersonKey | undefined {
    return this.#known.get(id) ?? this.#row(this.#byId.get(id));
  }

  /** A key is on the disk before anybody has it. */
  async settled(): Promise<boolean> {
    return true;
  }

  /** No other process adds keys. */
  async learn(): Promise<void> {}

  async idOf(email: string): Promise<string | undefined> {
    return this.#row(this.#byLookup.get(this.#lookup(email)))?.id;
  }

  /** All keys, by the lookup of the address. */
  all(): ReadonlyMap<string, PersonKey> {
    const keys = new Map<string, PersonKey>();
    for (const row of this.#database.prepare('SELECT id, lookup, secret FROM people').all()) {
      const key = this.#row(row);
      if (key && row.lookup instanceof Uint8Array) keys.set(toHex(row.lookup), key);
    }
    return keys;
  }

  async erase(id: string): Promise<void> {
    this.#remove.run(id);
    this.#known.delete(id);
  }

  close(): void {
    this.#database.close();
  }

  /** The key is on the disk before anything is sealed with it. */
  #create(lookup: Uint8Array): PersonKey {
    const key = { id: toHex(this.random.bytes(ID_BYTES)), secret: this.random.bytes(SECRET_BYTES) };
    this.#add.run(key.id, lookup, key.secret);
    this.#known.set(key.id, key);
    return key;
  }

  #row(row: Record<string, unknown> | undefined): PersonKey | undefined {
    if (!row || typeof row.id !== 'string' || !(row.secret instanceof Uint8Array)) return undefined;
    const key = { id: row.id, secret: row.secret };
    this.#known.set(key.id, key);
    return key;
  }

  #lookup(email: string): Uint8Array {
    return personLookup(this.pepper, email);
  }
}

function openDatabase(file: string): DatabaseSync {
  try {
    closeSync(openSync(file, 'a', 0o600));
    const database = new DatabaseSync(file);
    database.exec(PREPARE);
    return database;
  } catch (cause) {
    throw new NetfoldError(
      {
        code: 'people.unusable',
        message: `the keys of people cannot be used: ${problemOf(cause).message}`,
        where: file,
        hint: 'restore the file from a backup; without it the ledger holds, but names nobody',
      },
      { cause },
    );
  }
}
