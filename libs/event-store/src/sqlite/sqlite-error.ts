import { NetfoldError, problemOf } from '#kernel';
import { storeCorrupt } from '../errors.js';

// Result codes of SQLite (https://www.sqlite.org/rescode.html); the low byte is the primary code.
const BUSY = 5;
const READONLY = 8;
const CORRUPT = 11;
const FULL = 13;
const CANTOPEN = 14;
/** Only a row that stands where none may be can break a constraint of the schema. */
const CONSTRAINT = 19;
const NOTADB = 26;
/** The file that the write-ahead log is indexed in could not grow. */
const IOERR_SHMSIZE = 4874;

/** Runs `work`; what SQLite throws in it comes out as a `store.…` error that names the file. */
export function guarded<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw storeError(file, error);
  }
}

/** The coded error for what SQLite threw; anything else as it is. */
function storeError(file: string, error: unknown): unknown {
  const code = resultCode(error);
  if (code === undefined) return error;
  const said = problemOf(error).message;
  const problem = (what: string, message: string, hint: string) =>
    new NetfoldError({ code: `store.${what}`, message: `${message}: ${said}`, where: file, hint }, { cause: error });

  if (code === IOERR_SHMSIZE) return diskFull(file, error);
  switch (code & 0xff) {
    case FULL:
      return diskFull(file, error);
    case CORRUPT:
    case CONSTRAINT:
    case NOTADB:
      return storeCorrupt(file, said, error);
    case BUSY:
      return storeLocked(file, error);
    case READONLY:
      return problem('read_only', 'the ledger cannot be written', 'Let the server own the file and its folder.');
    case CANTOPEN:
      return problem('cannot_open', 'the ledger cannot be opened', 'Create the folder and let the server own it.');
    default:
      return problem('io', 'the ledger could not be read or written', 'Check the disk and the log of the system.');
  }
}

// By its shape: what node:sqlite throws may come from another realm, where Error is another class.
const resultCode = (error: unknown): number | undefined =>
  typeof error === 'object' && error !== null && 'errcode' in error && typeof error.errcode === 'number'
    ? error.errcode
    : undefined;

const diskFull = (file: string, cause: unknown): NetfoldError =>
  new NetfoldError(
    {
      code: 'store.disk_full',
      message: 'there is no space left to write to the ledger',
      where: file,
      hint: 'Make space on that disk and repeat the command; nothing that was acknowledged is lost.',
    },
    { cause },
  );

const storeLocked = (file: string, cause: unknown): NetfoldError =>
  new NetfoldError(
    {
      code: 'store.locked',
      message: 'another process writes to this ledger',
      where: file,
      hint: 'Stop the other server, or give each its own data folder.',
    },
    { cause },
  );
