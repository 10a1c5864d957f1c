import { existsSync, writeFileSync } from 'node:fs';
import { NetfoldError, problemOf } from '#kernel';

/**
 * Creates an empty file that only its owner may read, when there is none. SQLite itself would give it the rights
 * of the umask; the files that it makes beside a database get those of the database.
 * @throws NetfoldError `store.cannot_open`
 */
export function createPrivately(file: string): void {
  if (existsSync(file)) return;
  try {
    // Never opens a file that exists: closing it again would drop the locks that this process holds on it.
    writeFileSync(file, '', { flag: 'wx', mode: 0o600 });
  } catch (cause) {
    throw new NetfoldError(
      {
        code: 'store.cannot_open',
        message: `the ledger cannot be created: ${problemOf(cause).message}`,
        where: file,
        hint: 'Create the folder and let the server own it.',
      },
      { cause },
    );
  }
}
