import type { Head } from '../event.js';
import type { EventRow } from '../local/event-table.js';

/** An event as a ledger keeps it: its canonical text and its hash. */
export interface LedgerRow extends EventRow {
  /** The place in the source, for messages: `export.jsonl:17`. */
  readonly where?: string;
}

/** A ledger that can be read as a whole, be it in use elsewhere or damaged. */
export interface LedgerSource {
  /** What messages call it: a path or a URL. */
  readonly name: string;
  /** The number of its events; undefined when only reading them all would tell. */
  count(): Promise<number | undefined>;
  /**
   * All events of all streams in the order in which they were stored, as they are: nothing is checked but that they
   * can be read.
   */
  rows(): AsyncIterable<LedgerRow>;
  /** The ends of the streams by the ledger's own account; undefined when it keeps none apart from the events. */
  heads(): Promise<ReadonlyMap<string, Head> | undefined>;
  close(): Promise<void>;
}

/** A ledger that events are copied to. */
export interface LedgerTarget {
  readonly name: string;
  /** The ends of the streams that it holds already. */
  heads(): Promise<ReadonlyMap<string, Head>>;
  /** Adds events of any streams, in this order, behind those that it has. */
  append(rows: readonly LedgerRow[]): Promise<void>;
  /** Nothing more will come: when it resolves, the copy is whole and durable. */
  finish(): Promise<void>;
  /** Lets go of the target, finished or not; one that is not is continued by the next copy. */
  close(): Promise<void>;
}

/** One way of keeping ledgers. */
export interface LedgerAdapter {
  /** Whether a path or URL is for this adapter. */
  handles(url: string): boolean;
  /** @throws NetfoldError when there is none or it is of another kind */
  source(url: string): Promise<LedgerSource>;
  /** Opens a ledger to copy to, and makes it when there is none. */
  target(url: string): Promise<LedgerTarget>;
}
