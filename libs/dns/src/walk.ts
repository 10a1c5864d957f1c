import { HEADER_BYTES, u16, u32 } from './wire.js';

/** Where a resource record stands in a message. */
export interface RecordPlace {
  readonly type: number;
  /** For OPT: the size of datagrams that the sender takes. */
  readonly class: number;
  /** Of its four bytes of time to live. */
  readonly ttlAt: number;
  /** Seconds; for OPT: extended return code, version and flags. */
  readonly ttl: number;
  readonly dataAt: number;
  readonly dataLength: number;
  readonly section: 'answer' | 'authority' | 'additional';
}

/** A message with one question, measured and not decoded. */
export interface Outline {
  /** Behind the question. */
  readonly questionEnd: number;
  readonly records: readonly RecordPlace[];
}

const SECTIONS = ['answer', 'authority', 'additional'] as const;

/** More records than any sane answer has. */
const MAX_RECORDS = 4_096;

/** Where everything stands in a message with exactly one question; undefined when it is not such a message. */
export function outline(message: Uint8Array): Outline | undefined {
  if (message.length < HEADER_BYTES || u16(message, 4) !== 1) return undefined;
  const nameEnd = skipName(message, HEADER_BYTES);
  if (nameEnd === undefined || nameEnd + 4 > message.length) return undefined;
  const questionEnd = nameEnd + 4;
  const records: RecordPlace[] = [];
  let at = questionEnd;
  for (const [i, section] of SECTIONS.entries()) {
    for (let left = u16(message, 6 + 2 * i); left > 0; left--) {
      const place = recordAt(message, at, section);
      if (!place || records.length === MAX_RECORDS) return undefined;
      records.push(place);
      at = place.dataAt + place.dataLength;
    }
  }
  return { questionEnd, records };
}

function recordAt(message: Uint8Array, at: number, section: RecordPlace['section']): RecordPlace | undefined {
  const nameEnd = skipName(message, at);
  if (nameEnd === undefined || nameEnd + 10 > message.length) return undefined;
  const dataLength = u16(message, nameEnd + 8);
  const dataAt = nameEnd + 10;
  if (dataAt + dataLength > message.length) return undefined;
  return {
    type: u16(message, nameEnd),
    class: u16(message, nameEnd + 2),
    ttlAt: nameEnd + 4,
    ttl: u32(message, nameEnd + 4),
    dataAt,
    dataLength,
    section,
  };
}

/** Where a name ends that starts at `at`: behind its root label, or behind a pointer (RFC 1035, 4.1.4). */
export function skipName(message: Uint8Array, at: number): number | undefined {
  for (let position = at; position < message.length; ) {
    const length = message[position] as number;
    if (length >= 0xc0) return position + 2 <= message.length ? position + 2 : undefined;
    if (length > 63 || position - at > 255) return undefined;
    position += length + 1;
    if (length === 0) return position;
  }
  return undefined;
}
