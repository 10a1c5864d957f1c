import { canonicalEvent, type StoredEvent } from '#event-store';
import { utf8 } from '#kernel';
import type { Message } from '#messaging';
import { tailnetOf } from '../tailnet/tailnet.js';

/**
 * A ledger event as it is published: proto/events/README.md is the contract. The value is the very text that the hash
 * covers, with personal data sealed as in the ledger.
 * @returns undefined when the event is of no tailnet
 */
export function eventMessage(event: StoredEvent): Message | undefined {
  const tailnetId = tailnetOf(event.stream);
  if (tailnetId === undefined) return undefined;
  return { key: tailnetId, value: utf8(canonicalEvent(event)), headers: headersOf(event) };
}

/** The same without its content, for a broker that takes no message of that size. */
export function omittedEvent(event: StoredEvent): Message {
  const { id, stream, type, version, revision, recordedAt, commandId } = event;
  const envelope = { id, stream, type, version, revision, recordedAt, commandId };
  return {
    key: tailnetOf(stream) ?? stream,
    value: utf8(JSON.stringify(envelope)),
    headers: { ...headersOf(event), omitted: 'too-large' },
  };
}

const headersOf = ({ id, revision, type, version, hash }: StoredEvent): Readonly<Record<string, string>> => ({
  id,
  revision: String(revision),
  type,
  version: String(version),
  hash,
  'content-type': 'application/json',
});
