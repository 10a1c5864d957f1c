import { place, storeCorrupt } from '../errors.js';
import type { LedgerEvent, StoredEvent } from '../event.js';
import type { EventTable, StoredRow } from './event-table.js';

/** So many events are read and decoded without a pause. */
export const PAGE = 256;

/** Each call answers with the rows that come next, fewer than `limit` when there are no more at present. */
export type NextPage = (limit: number) => readonly StoredRow[];

/** The rows of all streams after a position. */
export function allPages(table: EventTable, after: number): NextPage {
  let last = after;
  return (limit) => {
    const rows = table.page(last, limit);
    last = rows.at(-1)?.position ?? last;
    return rows;
  };
}

/** The rows of one stream, the first at revision `first`. */
export function streamPages(table: EventTable, stream: string, first: number, backwards: boolean): NextPage {
  let from = first;
  return (limit) => {
    const rows = table.streamPage({ stream, from, limit, backwards });
    const last = rows.at(-1)?.revision;
    if (last !== undefined) from = backwards ? last - 1 : last + 1;
    return rows;
  };
}

/** The event in a row. @param name what messages call the storage @throws NetfoldError `store.corrupt` */
export function decoded(name: string, { stream, revision, body, hash, position }: StoredRow): StoredEvent {
  try {
    const envelope = JSON.parse(body) as Omit<LedgerEvent, 'hash'>;
    return { ...envelope, hash, position };
  } catch (cause) {
    throw storeCorrupt(name, `${place({ stream, revision })} is not readable`, cause);
  }
}
