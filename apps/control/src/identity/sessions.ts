import { createHash, createHmac, randomBytes } from 'node:crypto';
import { closeSync, openSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

/** Somebody who has signed in. */
export interface Session {
  readonly tailnetId: string;
  readonly userId: string;
  /** Proves that a form was sent from a page of this session. */
  readonly formToken: string;
  /** What the browser is to hold from now on, when that is something new. */
  readonly renewed?: string;
}

/** A person signs in again after so long at the latest, in milliseconds. */
const LIFETIME = 12 * 3_600_000;
/** What the browser holds is another thing after so long. */
const ROTATE_AFTER = 15 * 60_000;
/** Requests that were under way come with the old one. */
const GRACE = 60_000;

const PREPARE = `
  PRAGMA journal_mode = WAL;
  CREATE TABLE IF NOT EXISTS sessions (
    hash BLOB PRIMARY KEY, tailnet TEXT NOT NULL, user TEXT NOT NULL,
    began INTEGER NOT NULL, issued INTEGER NOT NULL, ends INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS spent (name TEXT PRIMARY KEY) STRICT`;

/** Who has signed in where. The file knows hashes only, so that whoever reads it cannot take a session over. */
export class Sessions {
  readonly #database: DatabaseSync;

  constructor(
    file: string,
    private readonly pepper: Uint8Array,
    private readonly now: () => number,
  ) {
    closeSync(openSync(file, 'a', 0o600));
    this.#database = new DatabaseSync(file);
    this.#database.exec(PREPARE);
  }

  /** Begins a session; answers what the browser is to hold. */
  begin(tailnetId: string, userId: string): string {
    this.#database.prepare('DELETE FROM sessions WHERE ends <= ?').run(this.now());
    return this.#issue(tailnetId, userId, this.now(), this.now() + LIFETIME);
  }

  /** The session of whoever holds this; undefined when it has ended. */
  find(token: string): Session | undefined {
    const row = this.#database.prepare('SELECT * FROM sessions WHERE hash = ?').get(hashOf(token));
    if (!row || Number(row.ends) <= this.now()) return undefined;
    const [tailnetId, userId, began] = [String(row.tailnet), String(row.user), Number(row.began)];
    const formToken = createHmac('sha256', this.pepper).update(`${tailnetId} ${userId} ${began}`).digest('base64url');
    const isOld = this.now() - Number(row.issued) >= ROTATE_AFTER && Number(row.ends) - this.now() > GRACE;
    return { tailnetId, userId, formToken, ...(isOld && { renewed: this.#rotate(token, row) }) };
  }

  end(token: string): void {
    this.#database.prepare('DELETE FROM sessions WHERE hash = ?').run(hashOf(token));
  }

  /** Ends all sessions of a user. */
  endAll(tailnetId: string, userId: string): void {
    this.#database.prepare('DELETE FROM sessions WHERE tailnet = ? AND user = ?').run(tailnetId, userId);
  }

  /** Notes for good that something was used that is good once; whether it had not been. */
  spend(name: string): boolean {
    return this.#database.prepare('INSERT OR IGNORE INTO spent VALUES (?)').run(name).changes === 1;
  }

  isSpent(name: string): boolean {
    return this.#database.prepare('SELECT 1 FROM spent WHERE name = ?').get(name) !== undefined;
  }

  close(): void {
    this.#database.close();
  }

  #rotate(token: string, { tailnet, user, began, ends }: Record<string, unknown>): string {
    const renewed = this.#issue(String(tailnet), String(user), Number(began), Number(ends));
    this.#database.prepare('UPDATE sessions SET ends = ? WHERE hash = ?').run(this.now() + GRACE, hashOf(token));
    return renewed;
  }

  #issue(tailnetId: string, userId: string, began: number, ends: number): string {
    const token = randomBytes(32).toString('base64url');
    this.#database
      .prepare('INSERT INTO sessions VALUES (?, ?, ?, ?, ?, ?)')
      .run(hashOf(token), tailnetId, userId, began, this.now(), ends);
    return token;
  }
}

const hashOf = (token: string): Uint8Array => createHash('sha256').update(token).digest();
