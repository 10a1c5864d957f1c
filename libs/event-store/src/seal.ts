import { NetfoldError } from '#kernel';
import type { EventDraft, Head, LedgerEvent } from './event.js';
import { canonicalEvent, eventHash } from './event-hash.js';
import { eventId } from './event-id.js';

/**
 * Gives the drafts their ids, their revisions after `head` and their chained hashes. Pure: the same arguments
 * give the same events, so that an append that was cut off can be repeated exactly. Drafts of several commands
 * may follow each other; a command's events are counted from 0.
 * @param recordedAt milliseconds since the Unix epoch
 * @throws NetfoldError `event.mixed_streams`, `event.not_json`, `event.too_large`
 */
export function seal(head: Head, drafts: readonly EventDraft[], recordedAt: number): LedgerEvent[] {
  const ofCommand = new Map<string, number>();
  const sealed: LedgerEvent[] = [];
  let { revision, hash } = head;
  for (const draft of drafts) {
    requireSameStream(drafts[0] ?? draft, draft);
    const index = ofCommand.get(draft.commandId) ?? 0;
    ofCommand.set(draft.commandId, index + 1);
    revision += 1;
    const id = eventId(draft.stream, draft.commandId, index);
    const canonical = canonicalEvent({ ...draft, id, revision, recordedAt });
    hash = eventHash(hash, canonical);
    // Through its own text, so that nobody who still holds the draft can change what was sealed.
    sealed.push({ ...(JSON.parse(canonical) as Omit<LedgerEvent, 'hash'>), hash });
  }
  return sealed;
}

function requireSameStream(first: EventDraft, draft: EventDraft): void {
  if (draft.stream === first.stream) return;
  throw new NetfoldError({
    code: 'event.mixed_streams',
    message: `one append cannot write to ${first.stream} and ${draft.stream}`,
    where: draft.stream,
    hint: 'Seal and append the events of each stream by themselves.',
  });
}

/** The head of the stream once `events` are appended after `head`. */
export const headAfter = (head: Head, events: readonly LedgerEvent[]): Head => {
  const last = events.at(-1);
  return last ? { revision: last.revision, hash: last.hash } : head;
};
