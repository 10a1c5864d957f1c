import type { Address } from '#net';
import { FLAG, LARGEST_HEADER } from '../protocol.js';
import { NO_OPTIONS, type SegmentOptions } from '../segment/segment.js';
import { decodeSegment, encodeHeader, sealSegment } from '../segment/segment-codec.js';

/** What a middlebox does that takes options out of SYNs: the ends do without what they do not hear of. */
export function stripOptions(
  source: Address,
  destination: Address,
  bytes: Uint8Array,
  stripped: readonly (keyof SegmentOptions)[],
): Uint8Array {
  const segment = stripped.length > 0 ? decodeSegment(source, destination, bytes) : undefined;
  if (!segment || (segment.flags & FLAG.syn) === 0) return bytes;
  const without = Object.fromEntries(stripped.map((name) => [name, NO_OPTIONS[name]]));
  const into = new Uint8Array(LARGEST_HEADER);
  const length = encodeHeader(into, { ...segment, options: { ...segment.options, ...without } });
  sealSegment(source, destination, into.subarray(0, length));
  return into.subarray(0, length);
}
