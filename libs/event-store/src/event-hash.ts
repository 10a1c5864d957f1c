import { hash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { NetfoldError } from '#kernel';
import { place } from './errors.js';
import type { LedgerEvent } from './event.js';

/**
 * The longest canonical text of one event, in bytes. KurrentDB refuses appends above 1 MiB by default, and
 * every ledger must be able to move there.
 */
export const MAX_EVENT_BYTES = 1_000_000;

type Unhashed = Omit<LedgerEvent, 'hash'> & { readonly hash?: string; readonly position?: number };

/**
 * The canonical JSON (RFC 8785) of everything in the envelope except `hash` and `position`: what is hashed, and
 * what the local stores keep. Members that this version does not know are kept, so that it can verify them.
 * @throws NetfoldError `event.not_json`, `event.too_large`
 */
export function canonicalEvent(event: Unhashed): string {
  const { hash: _hash, position: _position, ...envelope } = event;
  const text = canonicalText(envelope, event);
  // A UTF-16 unit is at most 3 bytes of UTF-8, so that short texts need no counting.
  if (text.length * 3 > MAX_EVENT_BYTES && Buffer.byteLength(text) > MAX_EVENT_BYTES) {
    throw new NetfoldError({
      code: 'event.too_large',
      message: `${event.type} has more than ${MAX_EVENT_BYTES} bytes`,
      where: place(event),
      hint: 'Split the change into several smaller ones.',
    });
  }
  return text;
}

function canonicalText(envelope: object, event: Unhashed): string {
  try {
    return canonicalize(envelope) ?? '';
  } catch (cause) {
    throw new NetfoldError(
      {
        code: 'event.not_json',
        message: `${event.type} holds a value that JSON cannot say: ${cause instanceof Error ? cause.message : cause}`,
        where: place(event),
        hint: 'Numbers must be finite, texts whole Unicode, and nothing may contain itself.',
      },
      { cause },
    );
  }
}

/**
 * SHA-256 in lower-case hexadecimal over the UTF-8 of the previous event's hash (64 characters; zeros before the
 * first event) followed by the canonical text of the event:
 * `printf '%s%s' "$previous" "$canonical" | sha256sum` checks it without netfold.
 */
export const eventHash = (previous: string, canonical: string): string => hash('sha256', previous + canonical, 'hex');
