import type { EventStore, StoredEvent } from '#event-store';
import { NetfoldError } from '#kernel';
import type { Tailnet } from '../tailnet/tailnet.js';

/**
 * The event of a revision, once this process has come so far.
 * @throws NetfoldError `revision.unknown`, `tailnet.paused`
 */
export async function eventAt(store: EventStore, tailnet: Tailnet, revision: number): Promise<StoredEvent> {
  const { stream, fold, paused } = tailnet;
  if (paused && revision > paused.revision) throw paused;
  for await (const event of store.read(stream, { from: revision, limit: 1 })) {
    if (event.revision !== revision) break;
    await fold.reached(revision);
    return event;
  }
  throw new NetfoldError({
    code: 'revision.unknown',
    message: `there is no revision ${revision}`,
    where: 'revision',
    hint: 'netfold log -n 1 shows the newest one',
  });
}
