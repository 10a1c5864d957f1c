import type { NetfoldError } from '#kernel';
import type { EventStore } from '../event-store.js';
import { parseKurrentUrl } from './kurrent-address.js';
import { KurrentConnection } from './kurrent-connection.js';
import { KurrentEventStore } from './kurrent-event-store.js';
import { type RetryOptions, retry } from './retry.js';
import { StreamNames } from './stream-names.js';
import { StreamRegistry } from './stream-registry.js';

export interface KurrentOptions {
  /** Wait for a store that cannot be reached, until it can or the signal comes; without it that is an error. */
  readonly wait?: AbortSignal;
  /** Told of each failure that is tried again. */
  readonly report?: (problem: NetfoldError) => void;
}

/** A ledger in a KurrentDB that has answered. */
export interface OpenLedger {
  readonly connection: KurrentConnection;
  readonly names: StreamNames;
  /** What is tried again for how long. */
  readonly patience: Omit<RetryOptions, 'signal'>;
  /** The streams that were entered up to now. */
  readonly streams: readonly string[];
}

/** What is asked of the store is tried again for so many times its deadline. */
const DEADLINES = 3;

/**
 * Opens the ledger in a KurrentDB; see `parseKurrentUrl`. One that does not exist comes to be with its first event.
 * @throws NetfoldError `store.bad_url`, `store.cannot_read`, `store.access_denied`, `store.newer_format`,
 * `store.unreachable`, `store.stalled`, `store.closed` after the signal
 */
export async function openKurrentEventStore(url: string, options: KurrentOptions = {}): Promise<EventStore> {
  const { connection, names, patience } = await reachLedger(url, options);
  return new KurrentEventStore(connection, names, patience);
}

/** Connects, and asks for what any use of the ledger needs. Throws as `openKurrentEventStore`. */
export async function reachLedger(url: string, { wait, report }: KurrentOptions = {}): Promise<OpenLedger> {
  const address = parseKurrentUrl(url);
  const names = new StreamNames(address.ledger);
  const connection = await KurrentConnection.open(address);
  const told = report && { failed: report };
  const signal = wait ?? new AbortController().signal;
  const ask = () => new StreamRegistry(connection, names, { patience: 0, signal }).streams();
  try {
    const streams = await retry(ask, { patience: wait ? Infinity : 0, signal, ...told });
    return { connection, names, patience: { patience: DEADLINES * address.deadline, ...told }, streams };
  } catch (error) {
    await connection.close();
    throw error;
  }
}
