import type { JSONEventData, ResolvedEvent } from '@eventstore/db-client';
import { NetfoldError } from '#kernel';
import { place } from '../errors.js';
import type { LedgerEvent, StoredEvent } from '../event.js';
import { canonicalEvent, eventHash } from '../event-hash.js';
import { kurrentCorrupt } from './kurrent-error.js';
import type { StreamNames } from './stream-names.js';

/**
 * The version of how a ledger is kept in KurrentDB: the data of an event is its envelope as JSON, from which the canonical
 * text that its hash covers is made anew; the metadata says `{"netfold": {"format": 1, "hash", "previous"}}`.
 */
export const KURRENT_FORMAT = 1;

interface EventMark {
  readonly stream: string;
  /** Its place in the stream, by the account of KurrentDB. */
  readonly revision: number;
  readonly hash: string;
  /** The hash that it says it follows; together with its text it gives its hash. */
  readonly previous: string;
}

/** An event of the ledger as KurrentDB holds it. */
export interface KurrentRow extends EventMark {
  readonly position: number;
  readonly envelope: Omit<LedgerEvent, 'hash'>;
  /** Its canonical text. */
  readonly body: string;
  /** Whether its hash is that of its text. */
  readonly sound: boolean;
}

/** What is recorded in KurrentDB under one name, whoever wrote it. */
export type Recorded = NonNullable<ResolvedEvent['event']>;

/**
 * An event on its way to KurrentDB. Its id there is made of its hash: KurrentDB drops an append whose ids it has already at
 * that place, and only the very same event may be dropped, not one with the same id that was decided otherwise.
 * @param body its canonical text
 */
export function toKurrent(event: LedgerEvent, body: string, previous: string): JSONEventData {
  const { type, hash, correlation } = event;
  return {
    id: uuidOf(hash),
    contentType: 'application/json',
    type,
    data: JSON.parse(body) as Record<string, unknown>,
    metadata: {
      ...(correlation !== undefined && { $correlationId: correlation }),
      netfold: { format: KURRENT_FORMAT, hash, previous },
    },
  };
}

/** A UUID of version 8 (RFC 9562, 5.8) of the first bits of a SHA-256. */
export function uuidOf(hash: string): string {
  const variant = ((Number.parseInt(hash.charAt(16), 16) & 0x3) | 0x8).toString(16);
  const parts = [hash.slice(0, 8), hash.slice(8, 12), `8${hash.slice(13, 16)}`, variant + hash.slice(17, 20)];
  return [...parts, hash.slice(20, 32)].join('-');
}

/**
 * The event of the ledger in what is recorded.
 * @param name what messages call the store
 * @throws NetfoldError `store.foreign_event`, `store.newer_format`, `store.corrupt`, `store.server_too_old`
 */
export function fromKurrent(name: string, names: StreamNames, recorded: Recorded): KurrentRow {
  const { stream, revision, hash, previous } = markOf(name, names, recorded);
  const where = place({ stream, revision });
  const data: unknown = recorded.data;
  if (typeof data !== 'object' || data === null || data instanceof Uint8Array) {
    throw kurrentCorrupt(name, `${where} is not readable`);
  }
  const envelope = data as KurrentRow['envelope'];
  return {
    stream,
    revision,
    position: positionOf(name, recorded),
    hash,
    previous,
    envelope,
    ...textOf(name, where, { envelope, previous, hash }),
  };
}

/** The canonical text of an event. Made as it came it mostly is canonical already, which its hash tells. */
function textOf(
  name: string,
  where: string,
  { envelope, previous, hash }: Pick<KurrentRow, 'envelope' | 'previous' | 'hash'>,
): Pick<KurrentRow, 'body' | 'sound'> {
  const text = JSON.stringify(envelope);
  if (eventHash(previous, text) === hash) return { body: text, sound: true };
  const body = canonicalOf(name, where, envelope);
  return { body, sound: eventHash(previous, body) === hash };
}

function canonicalOf(name: string, where: string, envelope: KurrentRow['envelope']): string {
  try {
    return canonicalEvent(envelope);
  } catch (cause) {
    throw kurrentCorrupt(name, `${where} cannot be an event`, cause);
  }
}

/**
 * Checks that an event is what its hash says, where it says.
 * @throws NetfoldError `store.corrupt`
 */
export function requireWhole(name: string, row: KurrentRow): KurrentRow {
  const { stream, revision, envelope, sound } = row;
  const where = place(row);
  if (envelope.stream !== stream || envelope.revision !== revision) {
    throw kurrentCorrupt(name, `what stands at ${where} says of itself that it is ${place(envelope)}`);
  }
  if (!sound) throw kurrentCorrupt(name, `${where} is not what its hash says`);
  return row;
}

export const storedEvent = ({ envelope, hash, position }: KurrentRow): StoredEvent => ({ ...envelope, hash, position });

/** What netfold noted at an event, and where it stands; as `fromKurrent`, without its content. */
export function markOf(name: string, names: StreamNames, recorded: Recorded): EventMark {
  const stream = names.ledgerStream(recorded.streamId) ?? recorded.streamId;
  const revision = Number(recorded.revision);
  const where = place({ stream, revision });
  const { format, hash, previous } = noteIn(recorded.metadata);
  if (typeof format === 'number' && format > KURRENT_FORMAT) throw newerFormat(name, where, format);
  if (format === KURRENT_FORMAT && typeof hash === 'string' && typeof previous === 'string') {
    return { stream, revision, hash, previous };
  }
  throw foreignEvent(name, where, recorded.type);
}

function noteIn(metadata: unknown): { readonly [key in 'format' | 'hash' | 'previous']?: unknown } {
  const note = (metadata as { readonly netfold?: unknown } | undefined)?.netfold;
  return typeof note === 'object' && note !== null ? note : {};
}

/**
 * The position of an event in `$all`. KurrentDB counts the bytes of its log, in 64 bits; every event that is written over
 * gRPC is committed by itself, so that commit and prepare position are one, and up to 8 PiB it is an exact number here.
 * @throws NetfoldError `store.server_too_old`
 */
export function positionOf(name: string, { position }: Pick<Recorded, 'position'>): number {
  if (position && position.commit <= BigInt(Number.MAX_SAFE_INTEGER)) return Number(position.commit);
  throw new NetfoldError({
    code: 'store.server_too_old',
    message: 'the store does not say at which position an event of a stream is',
    where: name,
    hint: 'Use KurrentDB, or EventStoreDB 22.10 or newer.',
  });
}

const newerFormat = (name: string, where: string, format: number): NetfoldError =>
  new NetfoldError({
    code: 'store.newer_format',
    message: `${where} is kept in the format ${format}; this netfold knows up to ${KURRENT_FORMAT}`,
    where: name,
    hint: 'Start the newer netfold that wrote it.',
  });

const foreignEvent = (name: string, where: string, type: string): NetfoldError =>
  new NetfoldError({
    code: 'store.foreign_event',
    message: `${where} (${type}) was not written by netfold`,
    where: name,
    hint: 'Another program writes to the streams of this ledger. Give netfold a ledger of its own: ?ledger=NAME',
  });
