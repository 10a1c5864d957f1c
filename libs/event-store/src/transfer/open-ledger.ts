import { NetfoldError } from '#kernel';
import { isKurrentUrl } from '../kurrentdb/kurrent-address.js';
import { openSqliteEventStore } from '../sqlite/sqlite-event-store.js';
import { SqliteSource } from '../sqlite/sqlite-source.js';
import { JsonLinesSource } from './json-lines/json-lines-source.js';
import { JsonLinesTarget } from './json-lines/json-lines-target.js';
import type { LedgerAdapter, LedgerSource, LedgerTarget } from './ledger-ports.js';
import { StoreLedger } from './store-ledger.js';

/** An export: a path that ends in `.jsonl`. */
const jsonLines: LedgerAdapter = {
  handles: (url) => !hasScheme(url) && url.endsWith('.jsonl'),
  source: async (file) => JsonLinesSource.open(file),
  target: (file) => JsonLinesTarget.open(file),
};

/** The file of a server: `sqlite:PATH`, or any other path. */
const sqlite: LedgerAdapter = {
  handles: (url) => url.startsWith('sqlite:') || !hasScheme(url),
  source: async (url) => SqliteSource.open(pathOf(url)),
  target: async (url) => new StoreLedger(pathOf(url), openSqliteEventStore(pathOf(url))),
};

/** In a KurrentDB: `kurrentdb://…`, see `parseKurrentUrl`. Its client is loaded only for it. */
const kurrentdb: LedgerAdapter = {
  handles: isKurrentUrl,
  source: async (url) => (await import('../kurrentdb/kurrent-source.js')).KurrentSource.open(url),
  target: async (url) => (await import('../kurrentdb/kurrent-target.js')).KurrentTarget.open(url),
};

/** The ways of keeping ledgers that this netfold knows; the first that handles a URL has it. Another one is a line. */
const ADAPTERS: readonly LedgerAdapter[] = [jsonLines, kurrentdb, sqlite];

/**
 * Opens a ledger to read it as a whole: a server's file or what it has in a KurrentDB, in use or not, or an export.
 * @throws NetfoldError `store.…`, `ledger.unknown_scheme`
 */
export const openLedgerSource = async (url: string): Promise<LedgerSource> => adapterFor(url).source(url);

/**
 * Opens a ledger to copy to, and makes it when there is none.
 * @throws NetfoldError `store.…`, `export.…`, `ledger.unknown_scheme`
 */
export const openLedgerTarget = async (url: string): Promise<LedgerTarget> => adapterFor(url).target(url);

function adapterFor(url: string): LedgerAdapter {
  const adapter = ADAPTERS.find(({ handles }) => handles(url));
  if (adapter) return adapter;
  throw new NetfoldError({
    code: 'ledger.unknown_scheme',
    message: `${url.split(':')[0]} is no kind of ledger that this netfold knows`,
    hint: 'name the path of a ledger.db, of an export that ends in .jsonl, or kurrentdb://HOST',
  });
}

const hasScheme = (url: string): boolean => /^[a-z][a-z0-9+.-]+:/i.test(url);
const pathOf = (url: string): string => url.replace(/^sqlite:(\/\/)?/, '');
