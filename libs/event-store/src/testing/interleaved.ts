import { EMPTY_HEAD, type Head, type LedgerEvent } from '../event.js';
import type { EventStore } from '../event-store.js';
import { headAfter, seal } from '../seal.js';
import { RECORDED_AT, testDraft } from './fixtures.js';

/** Appends of several streams, one after the other: which stream, and how many events. */
export type Interleaving = readonly (readonly [stream: string, events: number])[];

/** Stores appends whose events tell where they belong, so that no two ledgers with other appends are alike. */
export async function appendInterleaved(store: EventStore, appends: Interleaving, flavour = ''): Promise<void> {
  const heads = new Map<string, Head>();
  for (const [stream, size] of appends) {
    const head = heads.get(stream) ?? EMPTY_HEAD;
    const events = eventsAfter(stream, head, size, flavour);
    await store.append(stream, head.revision, events);
    heads.set(stream, headAfter(head, events));
  }
}

function eventsAfter(stream: string, head: Head, size: number, flavour: string): LedgerEvent[] {
  const commandId = `command-${head.revision + 1}`;
  const drafts = Array.from({ length: size }, (_, n) =>
    testDraft({ stream, commandId, data: { n, text: `é ${flavour}` } }),
  );
  return seal(head, drafts, RECORDED_AT);
}
