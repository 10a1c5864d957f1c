import type { NetfoldError } from '#kernel';
import type { EventStore } from '../event-store.js';
import { parseKurrentUrl } from './kurrent-address.js';
import { KurrentConnection } from './kurrent-connection.js';
import { KurrentEventStore } from './kurrent-event-store.js';
import { retry } from './retry.js';
import { StreamNames } from './stream-names.js';
import { StreamRegistry } from './stream-registry.js';

export interface KurrentOptions {
  /** Wait for a store that cannot be reached, until it can or the signal comes; without it that is an error. */
  readonly wait?: AbortSignal;
  /** Told of each failure that is tried again. */
  readonly report?: (problem: NetfoldError) => void;
}

/** What is asked of the store is tried again for so many times its deadline. */
const DEADLINES = 3;

/**
 * Opens the ledger in a KurrentDB; see `parseKurrentUrl`. One that does not exist comes to be with its first event.
 * @throws NetfoldError `store.bad_url`, `store.cannot_read`, `store.access_denied`, `store.newer_format`,
 * `store.unreachable`, `store.stalled`, `store.closed` after the signal
 */
export async function openKurrentEventStore(url: string, { wait, report }: KurrentOptions = {}): Promise<EventStore> {
  const address = parseKurrentUrl(url);
  const names = new StreamNames(address.ledger);
  const connection = await KurrentConnection.open(address);
  const patience = { patience: DEADLINES * address.deadline, ...(report && { failed: report }) };
  try {
    const first = wait ? Infinity : 0;
    const signal = wait ?? new AbortController().signal;
    await retry(() => new StreamRegistry(connection, names, { patience: 0, signal }).streams(), {
      ...patience,
      patience: first,
      signal,
    });
    return new KurrentEventStore(connection, names, patience);
  } catch (error) {
    await connection.close();
    throw error;
  }
}
