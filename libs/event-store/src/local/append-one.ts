import { err, NetfoldError, ok, problemOf, type Result } from '#kernel';
import { WrongExpectedRevision } from '../errors.js';
import type { Head, LedgerEvent } from '../event.js';
import { canonicalEvent } from '../event-hash.js';
import type { Appended } from '../event-store.js';
import { requireNext } from '../verify-chain.js';
import type { EventRow, EventTable } from './event-table.js';

export interface AppendRequest {
  readonly stream: string;
  readonly expectedRevision: number;
  readonly events: readonly LedgerEvent[];
}

/**
 * Judges one append by the table as it is now and writes it. A refusal is an answer and leaves the table as it
 * was, so that other appends may share its transaction; only a failure of the storage is thrown.
 */
export function appendOne(table: EventTable, request: AppendRequest): Result<Appended, NetfoldError> {
  const { stream, expectedRevision, events } = request;
  const refusal = malformed(request);
  if (refusal) return err(refusal);
  const head = table.head(stream);
  if (head.revision !== expectedRevision) {
    const first = firstAnswer(table, request);
    return first ? ok(first) : err(new WrongExpectedRevision(stream, expectedRevision, head.revision));
  }
  const rows = chainedRows(head, request);
  if (!rows.ok) return rows;
  return ok({ revision: expectedRevision + events.length, position: table.append(rows.value) });
}

function malformed({ stream, expectedRevision, events }: AppendRequest): NetfoldError | undefined {
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

/** What an append answered that stored exactly these events before. */
function firstAnswer(table: EventTable, { stream, expectedRevision, events }: AppendRequest): Appended | undefined {
  const limit = events.length;
  const stored = table.streamPage({ stream, from: expectedRevision + 1, limit, backwards: false });
  const last = stored.at(-1);
  if (!last || stored.length < limit || stored.some((row, i) => row.hash !== events[i]?.hash)) return undefined;
  return { revision: last.revision, position: last.position };
}

function chainedRows(head: Head, { stream, events }: AppendRequest): Result<readonly EventRow[], NetfoldError> {
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
