import { EMPTY_HEAD, type EventStore, headAfter, type LedgerEvent, memoryEventStore, seal } from '#event-store';
import type { JsonObject } from '#kernel';
import type { History } from '#tailnet/testing';

export const STREAM = 'tailnet-random';

/** The sealed events of a random history. */
export function sealedEvents({ events }: Pick<History, 'events'>): LedgerEvent[] {
  const sealed: LedgerEvent[] = [];
  let head = EMPTY_HEAD;
  for (const { event, meta } of events) {
    const { type, version, data } = event;
    const actor = { kind: 'system', id: 'test' } as const;
    const draft = {
      stream: STREAM,
      type,
      version,
      actor,
      commandId: meta.commandId,
      data: data as unknown as JsonObject,
    };
    const added = seal(head, [draft], meta.recordedAt);
    sealed.push(...added);
    head = headAfter(head, added);
  }
  return sealed;
}

/** A store that holds these events. */
export async function storeOf(events: readonly LedgerEvent[]): Promise<EventStore> {
  const store = memoryEventStore();
  if (events.length > 0) await store.append(STREAM, -1, events);
  return store;
}
