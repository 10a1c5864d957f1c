import { Metadata, status } from '@grpc/grpc-js';
import type { LogRecord } from './log-record.js';
import type { Member } from './messages.js';

/** What a server does with one append. */
export type AppendFault =
  | 'none'
  /** Breaks the connection when the first of the events has come, before they are stored, or after. */
  | 'cut amid'
  | 'cut before'
  | 'cut after'
  /** Never answers. */
  | 'stall before'
  | 'stall after'
  /** Says that the events are stored, and forgets them. */
  | 'forget'
  /** Stores the events, and then once more behind them. */
  | 'repeat'
  /** Says that the stream is elsewhere. */
  | 'not leader'
  | 'disk full'
  | 'wrong revision';

/** How a server misbehaves; tests change it while it runs. */
export class Faults {
  /** For the next appends to streams of ledgers, one after the other. */
  appends: AppendFault[] = [];
  /** For the next appends to registers, which stand beside them. */
  registers: AppendFault[] = [];
  /** Subscriptions bring nothing new before it resolves. */
  feeds: Promise<void> | undefined;
  /** Subscriptions bring what they brought last once more, with all that is new. */
  stutters = false;
  /** Nobody is let in. */
  locked = false;
  /** Neither reads nor appends are answered, nor who is in the cluster. */
  silent = false;
  /** What reads and subscriptions show in place of a record; undefined leaves it out. */
  show: (record: LogRecord) => LogRecord | undefined = (record) => record;
  /** What a page or a live feed looks like instead. */
  arrange: (records: readonly LogRecord[]) => readonly LogRecord[] = (records) => records;
  /** Where the leader is, when this server is none. */
  leader: number | undefined;
  /** What it tells of its cluster. */
  members: readonly Member[] = [];
}

export const notLeader = (port: number) => {
  const metadata = new Metadata();
  metadata.set('exception', 'not-leader');
  metadata.set('leader-endpoint-host', '127.0.0.1');
  metadata.set('leader-endpoint-port', String(port));
  return { code: status.NOT_FOUND, details: 'Leader info available', metadata };
};

/** To whoever has another password, before the request is looked at. */
export const unauthenticated = () => ({ code: status.UNAUTHENTICATED, details: 'Unauthenticated' });

export const diskFull = () => ({ code: status.UNKNOWN, details: 'No space left on device : /var/lib/kurrentdb' });

/** What a KurrentDB takes at once unless it is told otherwise. */
export const MAX_APPEND_BYTES = 1 << 20;

export const tooLarge = () => {
  const metadata = new Metadata();
  metadata.set('exception', 'maximum-append-size-exceeded');
  metadata.set('maximum-append-size', String(MAX_APPEND_BYTES));
  return { code: status.INVALID_ARGUMENT, details: `Maximum Append Size of ${MAX_APPEND_BYTES} Exceeded.`, metadata };
};
