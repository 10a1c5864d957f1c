import { err, NetfoldError, ok, problemOf, type Result } from '#kernel';
import type { Head, LedgerEvent } from './event.js';
import { canonicalEvent } from './event-hash.js';
import type { EventRow } from './local/event-table.js';
import { requireNext } from './verify-chain.js';

export interface AppendRequest {
  readonly stream: string;
  readonly expectedRevision: number;
  readonly events: readonly LedgerEvent[];
}

/** What is wrong with an append, whatever the store holds. */
export function malformed({ stream, expectedRevision, events }: AppendRequest): NetfoldError | undefined {
  if (!STREAM_NAME.test(stream)) {
    return new NetfoldError({
      code: 'store.bad_stream_name',
      message: `${JSON.stringify(stream)} cannot name a stream`,
      hint: 'Use a lower-case letter, then up to 199 letters, digits, "_" or "-".',
    });
  }
  const [first] = events;
  if (!first) {
    return new NetfoldError({
      code: 'store.nothing_to_append',
      message: 'an append needs at least one event',
      where: stream,
      hint: 'A command that changes nothing needs no append.',
    });
  }
  if (first.revision === expectedRevision + 1) return undefined;
  return badChain(stream, `the events start at revision ${first.revision}, the append at ${expectedRevision + 1}`);
}

/** Streams that start with "$" belong to KurrentDB itself, and a ledger must be able to move there. */
const STREAM_NAME = /^[a-z][A-Za-z0-9_-]{0,199}$/;

/** The rows of an append, each of which continues the chain from `head` on; `store.bad_chain` when one does not. */
export function chainedRows(head: Head, { stream, events }: AppendRequest): Result<readonly EventRow[], NetfoldError> {
  const rows: EventRow[] = [];
  let last = head;
  try {
    for (const event of events) {
      const { revision, hash } = event;
      const body = canonicalEvent(event);
      requireNext(last, stream, event, body);
      rows.push({ stream, revision, hash, body });
      last = { revision, hash };
    }
    return ok(rows);
  } catch (cause) {
    return err(badChain(stream, problemOf(cause).message, cause));
  }
}

const badChain = (stream: string, message: string, cause?: unknown): NetfoldError =>
  new NetfoldError(
    {
      code: 'store.bad_chain',
      message: `the events do not continue ${stream}: ${message}`,
      where: stream,
      hint: 'Seal the events with the head of the stream that they are appended to.',
    },
    { cause },
  );
