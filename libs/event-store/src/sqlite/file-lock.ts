import { DatabaseSync } from 'node:sqlite';
import { guarded } from './sqlite-error.js';

/**
 * Makes this the only process that writes to a ledger, and readers such as a backup still welcome: an exclusive
 * transaction that stays open on an empty database beside the ledger. The operating system ends it with the
 * process, however that dies, so no stale lock needs cleaning.
 * @param path the file of the lock, which must exist
 * @param ledger the file that messages name
 * @returns gives the lock back
 * @throws NetfoldError `store.locked`
 */
export function lockFile(path: string, ledger: string): () => void {
  const lock = guarded(ledger, () => new DatabaseSync(path));
  try {
    guarded(ledger, () => lock.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE'));
  } catch (error) {
    lock.close();
    throw error;
  }
  return () => lock.close();
}
