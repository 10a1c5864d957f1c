/** A named channel of messages and what it keeps of them. */
export interface Topic {
  readonly name: string;
  /** The newest message of each key, for ever; or every message, for so many milliseconds at least. */
  readonly keeps: 'newest-per-key' | { readonly forMs: number };
}

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** Every ledger event of every tailnet, in order per tailnet: the contract with whoever listens from outside. */
export const EVENTS: Topic = { name: 'netfold.events.v1', keeps: { forMs: 7 * DAY_MS } };

/** Where nodes are and since when they were seen; a tombstone when nothing is known any more. */
export const PRESENCE: Topic = { name: 'netfold.presence.v1', keeps: 'newest-per-key' };

/** What agents say to each other through whichever replica holds their streams. */
export const LETTERS: Topic = { name: 'netfold.letters.v1', keeps: { forMs: 10 * MINUTE_MS } };

/** Which agent has acknowledged which revision. */
export const DELIVERIES: Topic = { name: 'netfold.deliveries.v1', keeps: { forMs: 7 * DAY_MS } };

/** Which flows nodes saw, of those that were asked to tell: a contract, as `EVENTS` is. */
export const FLOWS: Topic = { name: 'netfold.flows.v1', keeps: { forMs: DAY_MS } };

/** Which replicas serve. */
export const REPLICAS: Topic = { name: 'netfold.replicas.v1', keeps: { forMs: 10 * MINUTE_MS } };
