import type { EventStore } from '../event-store.js';
import { LocalEventStore } from '../local/local-event-store.js';
import { createPrivately } from './create-privately.js';
import { lockFile } from './file-lock.js';
import { openLedgerFile } from './open-ledger-file.js';
import { SqliteTable } from './sqlite-table.js';

/**
 * Opens the event store in a SQLite file and creates it when there is none. One process at a time may have it
 * open; programs that only read may look at the file meanwhile. The whole file is checked, which takes about
 * a second per million events.
 * @throws NetfoldError `store.locked`, `store.corrupt`, `store.not_a_ledger`, `store.newer_schema`,
 * `store.cannot_open`, `store.disk_full`
 */
export function openSqliteEventStore(file: string): EventStore {
  const lock = `${file}.lock`;
  createPrivately(lock);
  const release = lockFile(lock, file);
  try {
    createPrivately(file);
    return new LocalEventStore(new SqliteTable(file, openLedgerFile(file), release));
  } catch (error) {
    release();
    throw error;
  }
}
