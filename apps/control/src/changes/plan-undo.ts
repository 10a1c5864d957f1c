import type { EventStore, StoredEvent } from '#event-store';
import type { Result } from '#kernel';
import { initialState, type ProposedCommand, planRevert, type RevertObstacle } from '#tailnet';
import type { Tailnet } from '../tailnet/tailnet.js';

/** Which events are to be taken back: these, and those between. */
export interface UndoRange {
  readonly first: number;
  readonly last: number;
}

/**
 * What takes back what some events did, as the tailnet is at a revision; or what stands in the way.
 * @param head the revision for which the commands are meant
 */
export async function planUndo(
  store: EventStore,
  { stream, history }: Tailnet,
  { first, last }: UndoRange,
  head: number,
  now: number,
): Promise<Result<readonly ProposedCommand[], RevertObstacle>> {
  const before = first === 0 ? initialState : await history.stateAt(first - 1);
  const events: StoredEvent[] = [];
  for await (const event of store.read(stream, { from: first, limit: head - first + 1 })) events.push(event);
  return planRevert({ before, events, count: last - first + 1, now });
}
