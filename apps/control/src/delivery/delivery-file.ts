import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { Delivered } from './delivered.js';
import { EntryWriter, type NodeNumbers, readEntries } from './entry-codec.js';
import { StoredNumbers } from './stored-numbers.js';

/** `PRAGMA application_id`: "ntfl" in ASCII. */
const APPLICATION_ID = 0x6e74666c;

/**
 * NORMAL: what was written survives the process, and the last moments may be lost when the machine loses power. A segment is
 * many facts in a row; `newest` is the newest revision in it. What was learnt until a horizon has been dropped.
 */
const PREPARE = `
  PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA journal_size_limit = 4194304;
  PRAGMA application_id = ${APPLICATION_ID};
  CREATE TABLE IF NOT EXISTS nodes (
    number INTEGER PRIMARY KEY, tailnet TEXT NOT NULL, node TEXT NOT NULL, UNIQUE (tailnet, node)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS segments (
    id INTEGER PRIMARY KEY, tailnet TEXT NOT NULL, newest INTEGER NOT NULL, last_at INTEGER NOT NULL, entries BLOB NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS segments_by_newest ON segments (tailnet, newest);
  CREATE TABLE IF NOT EXISTS horizons (tailnet TEXT PRIMARY KEY, until INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS heard (
    tailnet TEXT NOT NULL, replica TEXT NOT NULL, sequence INTEGER NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (tailnet, replica)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS runs (id INTEGER PRIMARY KEY, started_at INTEGER NOT NULL, ended_at INTEGER) STRICT;`;

const SQL = {
  put: `INSERT INTO segments (id, tailnet, newest, last_at, entries) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET newest = excluded.newest, last_at = excluded.last_at, entries = excluded.entries`,
  lastId: 'SELECT coalesce(max(id), 0) AS id FROM segments',
  since: 'SELECT id FROM segments WHERE tailnet = ? AND newest >= ? ORDER BY id',
  backwards: 'SELECT id FROM segments WHERE tailnet = ? ORDER BY id DESC',
  entries: 'SELECT entries FROM segments WHERE id = ?',
  bytes: 'SELECT coalesce(sum(length(entries)), 0) AS bytes FROM segments',
  oldest: 'SELECT id, tailnet, last_at AS at, length(entries) AS bytes FROM segments ORDER BY id LIMIT 1',
  drop: 'DELETE FROM segments WHERE id = ?',
  setHorizon: `INSERT INTO horizons (tailnet, until) VALUES (?, ?)
    ON CONFLICT DO UPDATE SET until = max(until, excluded.until)`,
  horizon: 'SELECT until FROM horizons WHERE tailnet = ?',
  hear: `INSERT INTO heard (tailnet, replica, sequence, at) VALUES (?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET sequence = max(sequence, excluded.sequence), at = excluded.at`,
  heard: 'SELECT sequence FROM heard WHERE tailnet = ? AND replica = ?',
  forgetHeard: 'DELETE FROM heard WHERE at < ?',
  start: 'INSERT INTO runs (started_at) VALUES (?)',
  end: 'UPDATE runs SET ended_at = ? WHERE id = (SELECT max(id) FROM runs)',
  cutOff: `SELECT run.started_at AS since, next.started_at AS until FROM runs run JOIN runs next ON next.id = run.id + 1
    WHERE run.ended_at IS NULL AND next.started_at >= ? ORDER BY run.id`,
  lastBefore: 'SELECT max(last_at) AS at FROM segments WHERE last_at < ?',
} as const;

type Statements = { readonly [name in keyof typeof SQL]: StatementSync };

/** A segment that is full is not written again. */
const SEGMENT_BYTES = 16 << 10;

/** How much the file keeps. */
export interface Retention {
  /** Of packed facts. */
  readonly bytes: number;
  /** In milliseconds. */
  readonly age: number;
}

/** The number of what was heard last, by the id of the replica that said it. */
export type Heard = ReadonlyMap<string, number>;

/** A time in which the server may have learnt something and lost it: it was stopped without warning. */
export interface Gap {
  readonly from: number;
  readonly to: number;
}

interface OpenSegment {
  readonly id: number;
  readonly writer: EntryWriter;
  newest: number;
}

/** The delivery log's file: facts of all tailnets, packed, the oldest dropped when there are too many. Synchronous. */
export class DeliveryFile {
  readonly #database: DatabaseSync;
  readonly #sql: Statements;
  readonly #numbers = new Map<string, NodeNumbers>();
  readonly #open = new Map<string, OpenSegment>();
  #nextId: number;
  #bytes: number;

  /** @param path of the file, or `:memory:`. @param now milliseconds since the Unix epoch */
  constructor(
    path: string,
    private readonly retention: Retention,
    now: number,
  ) {
    this.#database = new DatabaseSync(path, { timeout: 1_000 });
    this.#database.exec(PREPARE);
    const prepared = Object.entries(SQL).map(([name, sql]) => [name, this.#database.prepare(sql)]);
    this.#sql = Object.fromEntries(prepared) as Statements;
    this.#nextId = Number(this.#sql.lastId.get()?.id) + 1;
    this.#bytes = Number(this.#sql.bytes.get()?.bytes);
    this.#sql.start.run(now);
    this.#sql.forgetHeard.run(now - retention.age);
    this.#prune(now);
  }

  /** Adds facts of one tailnet, all of them or none. @param heard how far other replicas were heard, with these facts */
  write(tailnet: string, facts: readonly Delivered[], now: number, heard: Heard = new Map()): void {
    const segment = this.#open.get(tailnet) ?? this.#newSegment(tailnet);
    const before = segment.writer.length;
    this.#database.exec('BEGIN');
    try {
      for (const fact of facts) {
        segment.writer.add(fact);
        segment.newest = Math.max(segment.newest, fact.holds);
      }
      this.#sql.put.run(segment.id, tailnet, segment.newest, now, segment.writer.bytes());
      for (const [replica, sequence] of heard) this.#sql.hear.run(tailnet, replica, sequence, now);
      this.#database.exec('COMMIT');
    } catch (error) {
      this.#open.delete(tailnet);
      this.#numbers.delete(tailnet); // what was given out in this transaction is not in the file
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      throw error;
    }
    this.#bytes += segment.writer.length - before;
    if (segment.writer.length < SEGMENT_BYTES) return;
    this.#open.delete(tailnet);
    this.#prune(now);
  }

  /** The facts of a tailnet in order, from the first segment on that speaks of this revision or a later one. */
  *since(tailnet: string, revision: number): Generator<Delivered> {
    for (const { id } of this.#sql.since.all(tailnet, revision)) yield* this.#entries(tailnet, Number(id));
  }

  /** The facts of a tailnet, the segments from the last to the first; within a segment in order. */
  *backwards(tailnet: string): Generator<readonly Delivered[]> {
    for (const { id } of this.#sql.backwards.all(tailnet)) yield [...this.#entries(tailnet, Number(id))];
  }

  /** The number of what this replica said last, as far as it was kept; -1: nothing was. */
  heard(tailnet: string, replica: string): number {
    return Number(this.#sql.heard.get(tailnet, replica)?.sequence ?? -1);
  }

  /** What was learnt until then is not kept any more; undefined: all is there. */
  horizon(tailnet: string): number | undefined {
    const until = this.#sql.horizon.get(tailnet)?.until;
    return until === undefined ? undefined : Number(until);
  }

  /** The times since `at` in which something may have been lost. */
  gaps(at: number): Gap[] {
    return this.#sql.cutOff.all(at).map(({ since, until }) => {
      const last = this.#sql.lastBefore.get(Number(until))?.at;
      return { from: Math.max(Number(since), Number(last ?? 0)), to: Number(until) };
    });
  }

  close(now: number): void {
    this.#sql.end.run(now);
    this.#database.close();
  }

  #entries(tailnet: string, id: number): Generator<Delivered> {
    const entries = this.#sql.entries.get(id)?.entries;
    return readEntries(entries instanceof Uint8Array ? entries : new Uint8Array(), this.#numbersOf(tailnet));
  }

  #numbersOf(tailnet: string): NodeNumbers {
    const known = this.#numbers.get(tailnet) ?? new StoredNumbers(this.#database, tailnet);
    this.#numbers.set(tailnet, known);
    return known;
  }

  #newSegment(tailnet: string): OpenSegment {
    const segment = { id: this.#nextId++, writer: new EntryWriter(this.#numbersOf(tailnet)), newest: -1 };
    this.#open.set(tailnet, segment);
    return segment;
  }

  #prune(now: number): void {
    for (;;) {
      const oldest = this.#sql.oldest.get();
      if (!oldest) return;
      const [id, at, bytes] = [Number(oldest.id), Number(oldest.at), Number(oldest.bytes)];
      const isOpen = [...this.#open.values()].some((segment) => segment.id === id);
      if (isOpen || (this.#bytes <= this.retention.bytes && at >= now - this.retention.age)) return;
      this.#sql.drop.run(id);
      this.#sql.setHorizon.run(String(oldest.tailnet), at);
      this.#bytes -= bytes;
    }
  }
}
