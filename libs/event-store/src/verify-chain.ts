import { NetfoldError } from '#kernel';
import { place } from './errors.js';
import { EMPTY_HEAD, type Head, type LedgerEvent } from './event.js';
import { canonicalEvent, eventHash } from './event-hash.js';

export interface ChainBounds {
  /** The head that the first event must follow; the empty stream's by default. */
  readonly after?: Head;
  /** A head known from elsewhere (the store's, a signed checkpoint's) that the events must contain. */
  readonly through?: Head;
}

/**
 * Recomputes the hashes of one stream's events in order and answers with the head that they lead to.
 * Events that were changed, removed, added or put in another order are found; a removed end is found only with
 * `through`, and a history that was rewritten whole only by comparing with a head kept elsewhere.
 * @throws NetfoldError `chain.wrong_stream`, `chain.wrong_revision`, `chain.wrong_hash`, `chain.forked`,
 * `chain.truncated`, each naming the first wrong event in `where`
 */
export async function verifyChain(
  events: Iterable<LedgerEvent> | AsyncIterable<LedgerEvent>,
  { after = EMPTY_HEAD, through }: ChainBounds = {},
): Promise<Head> {
  let head = after;
  let stream: string | undefined;
  for await (const event of events) {
    stream ??= event.stream;
    requireNext(head, stream, event, canonicalEvent(event));
    head = { revision: event.revision, hash: event.hash };
    if (head.revision === through?.revision && head.hash !== through.hash) throw forked(event, through);
  }
  if (through && head.revision < through.revision) throw truncated(stream ?? 'the stream', head, through);
  return head;
}

/**
 * Refuses an event that may not follow `head` in `stream`.
 * @param canonical the event's canonical text, which callers need for more than this
 * @throws NetfoldError as `verifyChain`
 */
export function requireNext(head: Head, stream: string, event: LedgerEvent, canonical: string): void {
  if (event.stream !== stream) {
    throw broken(event, 'wrong_stream', `an event of ${event.stream} stands in ${stream}`);
  }
  if (event.revision !== head.revision + 1) {
    throw broken(event, 'wrong_revision', `revision ${event.revision} stands where ${head.revision + 1} belongs`);
  }
  const expected = eventHash(head.hash, canonical);
  if (event.hash !== expected) {
    throw broken(event, 'wrong_hash', `${event.type} has hash ${event.hash}; its content and history give ${expected}`);
  }
}

const HINT = 'The ledger was changed from outside. Keep this copy as evidence and restore one that verifies.';

const broken = (event: LedgerEvent, what: string, message: string): NetfoldError =>
  new NetfoldError({ code: `chain.${what}`, message, where: place(event), hint: HINT });

const forked = (event: LedgerEvent, through: Head): NetfoldError =>
  broken(event, 'forked', `${event.type} has hash ${event.hash}; the known head has ${through.hash}`);

const truncated = (stream: string, head: Head, through: Head): NetfoldError =>
  new NetfoldError({
    code: 'chain.truncated',
    message: `${stream} ends at revision ${head.revision}; it must reach ${through.revision}`,
    where: `${stream}@${head.revision + 1}`,
    hint: HINT,
  });
