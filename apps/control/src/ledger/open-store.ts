import { join } from 'node:path';
import type { Logger } from 'pino';
import { type EventStore, isKurrentUrl, openKurrentEventStore, openSqliteEventStore } from '#event-store';
import { NetfoldError, type Problem } from '#kernel';
import type { ControlOptions } from '../config/control-options.js';
import { reporterOf } from './store-reporter.js';

/**
 * Opens the store that the events are in: the file in the state directory, or where `--store` says. One that cannot be
 * reached yet is waited for, which the log tells.
 * @throws NetfoldError `store.…`, `control.unknown_store`
 */
export async function openStore(
  { stateDir, store, interrupted }: Pick<ControlOptions, 'stateDir' | 'store' | 'interrupted'>,
  logger: Logger,
): Promise<EventStore> {
  if (store === undefined) return openSqliteEventStore(join(stateDir, 'ledger.db'));
  if (isKurrentUrl(store)) return openShared(store, interrupted ?? new AbortController().signal, logger);
  if (!/^[a-z][a-z0-9+.-]+:/i.test(store)) return openSqliteEventStore(store);
  throw new NetfoldError({
    code: 'control.unknown_store',
    message: 'there is no store of this kind',
    where: '--store',
    hint: 'name the path of a ledger.db, or kurrentdb://HOST',
  });
}

async function openShared(url: string, wait: AbortSignal, logger: Logger): Promise<EventStore> {
  const tell = reporterOf(logger);
  let waited = false;
  const report = (problem: Problem) => {
    waited = true;
    tell(problem);
  };
  const store = await openKurrentEventStore(url, { wait, report });
  if (waited) logger.info('the store answers');
  return store;
}
