import { err, type NetfoldError, ok, type Result } from '#kernel';
import { type AppendRequest, chainedRows, malformed } from '../append-rules.js';
import { WrongExpectedRevision } from '../errors.js';
import type { Appended } from '../event-store.js';
import type { EventTable } from './event-table.js';

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

/** What an append answered that stored exactly these events before. */
function firstAnswer(table: EventTable, { stream, expectedRevision, events }: AppendRequest): Appended | undefined {
  const limit = events.length;
  const stored = table.streamPage({ stream, from: expectedRevision + 1, limit, backwards: false });
  const last = stored.at(-1);
  if (!last || stored.length < limit || stored.some((row, i) => row.hash !== events[i]?.hash)) return undefined;
  return { revision: last.revision, position: last.position };
}
