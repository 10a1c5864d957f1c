import { EMPTY_HEAD, type EventDraft, type Head, type LedgerEvent, type StoredEvent } from '../event.js';
import { headAfter, seal } from '../seal.js';

export const RECORDED_AT = 1_793_520_000_000;

/** A draft with everything filled in, so that a test says only what it is about. */
export const testDraft = (draft: Partial<EventDraft> = {}): EventDraft => ({
  stream: 'tailnet-a',
  type: 'NodeJoined',
  version: 1,
  actor: { kind: 'user', id: 'user_alice', name: 'alice@example.com', from: '192.0.2.7' },
  commandId: 'command-1',
  data: { node: 'node_1', name: 'laptop' },
  ...draft,
});

/** `count` sealed events that continue a stream, those of one command. */
export function testEvents(
  stream: string,
  count: number,
  head: Head = EMPTY_HEAD,
  commandId = `command-${head.revision + 1}`,
): LedgerEvent[] {
  const drafts = Array.from({ length: count }, (_, i) => testDraft({ stream, commandId, data: { n: i } }));
  return seal(head, drafts, RECORDED_AT);
}

/** `appends` appends of `size` events each, one after the other. */
export function testAppends(stream: string, appends: number, size: number): LedgerEvent[][] {
  let head = EMPTY_HEAD;
  return Array.from({ length: appends }, () => {
    const events = testEvents(stream, size, head);
    head = headAfter(head, events);
    return events;
  });
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** A stored event as it was sealed. */
export function sealedEvent({ position: _position, ...sealed }: StoredEvent): LedgerEvent {
  return sealed;
}
