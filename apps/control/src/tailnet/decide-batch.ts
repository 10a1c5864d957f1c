import { type Actor, type EventDraft, type Head, type LedgerEvent, seal } from '#event-store';
import { err, type JsonObject, NetfoldError, ok, problemOf, type Result } from '#kernel';
import { decide, evolve, type Rejection, type TailnetCommand, type TailnetState } from '#tailnet';
import type { Foreseen } from './tailnet-fold.js';

/** Something that somebody wants changed in a tailnet. */
export interface WriteRequest {
  /** The same id again yields the first outcome. */
  readonly id: string;
  readonly actor: Actor;
  /** Refuse unless this is the tailnet's revision. */
  readonly expectedRevision?: number;
  /** Why; the events that the request causes keep it. */
  readonly reason?: string;
  /** The conversation that it belongs to; the events that the request causes keep it. A place in a trace, as `traceparent` has it. */
  readonly correlation?: string;
  /** Why the rules of review are to be set aside. */
  readonly emergency?: string;
  readonly command: TailnetCommand;
}

/** What came of a request. */
export interface WriteOutcome {
  /** Of the tailnet, with the request's events and perhaps later ones. */
  readonly revision: number;
  /** What the request caused now; none when it was so already, or when the command was carried out before. */
  readonly events: readonly LedgerEvent[];
}

/** Decisions on a batch, each on the state that the ones before it produced. */
export interface Batch {
  readonly answers: readonly BatchAnswer[];
  readonly steps: readonly Foreseen[];
  /** After the whole batch. */
  readonly state: TailnetState;
}

export interface BatchAnswer {
  readonly result: Result<WriteOutcome, Rejection>;
  /** Whether the answer holds only if the batch is stored. */
  readonly tentative: boolean;
}

/**
 * @param now milliseconds since the Unix epoch, of every decision in the batch; its events are recorded at the same time,
 * or at that of the last event when the clock has gone back since: time does not run backwards in a stream
 * @param asKept the form that a ledger with this floor keeps an event in; decisions see what it says in the open. Its
 * refusal is that of the request
 */
export function decideBatch(
  stream: string,
  start: TailnetState,
  head: Head,
  requests: readonly WriteRequest[],
  now: number,
  asKept: (draft: EventDraft, floor: number) => EventDraft,
): Batch {
  const drafts: EventDraft[] = [];
  const states: TailnetState[] = [];
  const recordedAt = Math.max(now, start.recordedAt);
  let state = start;
  const decisions = requests.map((request) => {
    const first = drafts.length;
    const known = state.outcomes.revisionOf(request.id);
    if (known !== undefined) return { result: ok({ revision: known, first, end: first }), tentative: first > 0 };
    const decision = decide(state, { ...request, now });
    if (!decision.ok) return { result: decision, tentative: first > 0 };
    const { id: commandId, actor, reason, correlation } = request;
    const why = { ...(reason !== undefined && { reason }), ...(correlation !== undefined && { correlation }) };
    const { floor } = state;
    const kept = attempt(() =>
      decision.value.map((event) =>
        asKept({ stream, ...event, actor, commandId, ...why, data: event.data as JsonObject }, floor),
      ),
    );
    if (!kept.ok) return { result: kept, tentative: first > 0 };
    drafts.push(...kept.value);
    for (const { type, version, data } of decision.value) {
      state = evolve(state, { type, version, data }, { revision: state.revision + 1, recordedAt, commandId });
      states.push(state);
    }
    return { result: ok({ revision: state.revision, first, end: drafts.length }), tentative: drafts.length > 0 };
  });
  const events = seal(head, drafts, recordedAt);
  const answers = decisions.map(({ result, tentative }) => ({
    tentative,
    result: result.ok
      ? ok({ revision: result.value.revision, events: events.slice(result.value.first, result.value.end) })
      : err(result.error),
  }));
  return { answers, steps: events.map((event, i) => ({ event, state: states[i] ?? state })), state };
}

/** What `make` gives, or why it refuses. */
function attempt<T>(make: () => T): Result<T, Rejection> {
  try {
    return ok(make());
  } catch (error) {
    if (error instanceof NetfoldError) return err(problemOf(error));
    throw error;
  }
}
