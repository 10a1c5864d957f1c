import { EMPTY_HEAD, type EventStore, headAfter, seal } from '#event-store';
import { busyTailnet, STREAM } from './busy-tailnet.js';

/** As the writer of a busy control plane stores them. */
const BATCH = 512;

/** Makes up, seals and appends the events of a busy tailnet. */
export async function fill(store: EventStore, count: number): Promise<void> {
  let head = EMPTY_HEAD;
  let batch = [];
  for (const { recordedAt, ...draft } of busyTailnet(count)) {
    batch.push({ draft, recordedAt });
    if (batch.length < BATCH && head.revision + 1 + batch.length < count) continue;
    const events = seal(
      head,
      batch.map((one) => one.draft),
      recordedAt,
    );
    await store.append(STREAM, head.revision, events);
    head = headAfter(head, events);
    batch = [];
  }
}
