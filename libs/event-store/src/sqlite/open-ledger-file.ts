import { DatabaseSync } from 'node:sqlite';
import { NetfoldError } from '#kernel';
import { storeCorrupt } from '../errors.js';
import { APPLICATION_ID, SCHEMA, SCHEMA_VERSION } from './schema.js';
import { guarded } from './sqlite-error.js';

/** How long a write waits for a program that writes to the file by other means, in milliseconds. */
const BUSY_TIMEOUT = 1_000;

/**
 * Opens the database of a ledger, creates it when there is none, and checks that it is whole.
 * @throws NetfoldError `store.corrupt`, `store.not_a_ledger`, `store.newer_schema`, `store.cannot_open`,
 * `store.disk_full`
 */
export function openLedgerFile(file: string): DatabaseSync {
  const database = guarded(file, () => new DatabaseSync(file, { timeout: BUSY_TIMEOUT }));
  try {
    guarded(file, () => prepareLedger(database, file));
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function prepareLedger(database: DatabaseSync, file: string): void {
  requireLedger(database, file);
  // FULL: a commit has reached the disk when it returns. The log is cut back after a burst, at 64 MiB.
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 67108864');
  if (pragma(database, 'user_version') === 0) database.exec(`BEGIN; ${SCHEMA} COMMIT`);
  requireSound(database, file);
  requireAgreeingHeads(database, file);
}

/** @throws NetfoldError `store.not_a_ledger`, `store.newer_schema` */
export function requireLedger(database: DatabaseSync, file: string): void {
  const application = pragma(database, 'application_id');
  const isEmpty = database.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get() === undefined;
  if (application !== APPLICATION_ID && !isEmpty) {
    throw new NetfoldError({
      code: 'store.not_a_ledger',
      message: 'the file is a database of another program',
      where: file,
      hint: 'Name a file that netfold made, or one that does not exist yet.',
    });
  }
  const version = pragma(database, 'user_version');
  if (version > SCHEMA_VERSION) {
    throw new NetfoldError({
      code: 'store.newer_schema',
      message: `the ledger has version ${version} of its tables; this netfold knows up to ${SCHEMA_VERSION}`,
      where: file,
      hint: 'Start the newer netfold that last wrote this file.',
    });
  }
}

function pragma(database: DatabaseSync, name: string): number {
  return Number(database.prepare(`PRAGMA ${name}`).get()?.[name]);
}

function requireSound(database: DatabaseSync, file: string): void {
  const found = String(database.prepare('PRAGMA quick_check(1)').get()?.quick_check);
  if (found !== 'ok') throw storeCorrupt(file, found);
}

/** Finds what no crash can leave behind: streams whose head and events tell different stories. */
const DISAGREEING_HEAD = `
  SELECT coalesce(heads.stream, found.stream) AS stream, heads.revision AS head, found.last, found.count
  FROM heads FULL JOIN (
    SELECT stream, max(revision) AS last, count(*) AS count FROM events GROUP BY stream
  ) AS found ON found.stream = heads.stream
  WHERE heads.revision IS NOT found.last OR found.count IS NOT found.last + 1 OR heads.hash IS NOT
    (SELECT hash FROM events WHERE events.stream = heads.stream AND events.revision = heads.revision)
  LIMIT 1`;

function requireAgreeingHeads(database: DatabaseSync, file: string): void {
  const wrong = database.prepare(DISAGREEING_HEAD).get();
  if (!wrong) return;
  const { stream, head, last, count } = wrong;
  throw storeCorrupt(
    file,
    `${stream} has its head at revision ${head ?? 'none'}, its last event at ${last ?? 'none'}, and ${count ?? 0} events`,
  );
}
