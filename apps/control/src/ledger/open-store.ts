import { join } from 'node:path';
import type { Logger } from 'pino';
import { type EventStore, isKurrentUrl, openKurrentEventStore, openSqliteEventStore } from '#event-store';
import { NetfoldError } from '#kernel';
import type { ControlOptions } from '../config/control-options.js';

/** How often a trouble that goes on is told, in milliseconds. */
const REMIND_MS = 30_000;

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
  if (isKurrentUrl(store)) {
    const wait = interrupted ?? new AbortController().signal;
    return openKurrentEventStore(store, { wait, report: reporter(logger) });
  }
  if (!/^[a-z][a-z0-9+.-]+:/i.test(store)) return openSqliteEventStore(store);
  throw new NetfoldError({
    code: 'control.unknown_store',
    message: 'there is no store of this kind',
    where: '--store',
    hint: 'name the path of a ledger.db, or kurrentdb://HOST',
  });
}

/** Tells what is new at once, and what goes on now and then. */
function reporter(logger: Logger): (problem: NetfoldError) => void {
  const told = new Map<string, number>();
  return (problem) => {
    const { code, message, where, hint } = problem;
    if (performance.now() - (told.get(message) ?? -REMIND_MS) < REMIND_MS) return;
    told.set(message, performance.now());
    logger.warn({ problem: { code, message, where, hint } }, `${message}; it is tried again`);
  };
}
