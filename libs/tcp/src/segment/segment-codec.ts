import { type Address, checksum, pseudoHeaderSum } from '#net';
import { HEADER, TCP } from '../protocol.js';
import { decodeOptions, encodeOptions, optionsLength } from './options.js';
import type { Segment, SegmentHeader } from './segment.js';

/**
 * The segment that a packet carries, or undefined when it was cut or damaged on the way (RFC 9293, 3.1).
 * Its payload shares the memory of `bytes`.
 */
export function decodeSegment(source: Address, destination: Address, bytes: Uint8Array): Segment | undefined {
  if (bytes.length < HEADER) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const word = view.getUint16(12);
  const header = (word >>> 12) * 4;
  if (header < HEADER || header > bytes.length) return undefined;
  if (checksum(bytes, pseudoHeaderSum(source, destination, TCP, bytes.length)) !== 0) return undefined;
  return {
    sourcePort: view.getUint16(0),
    destinationPort: view.getUint16(2),
    sequence: view.getUint32(4),
    acknowledgement: view.getUint32(8),
    flags: word & 0xff,
    window: view.getUint16(14),
    options: decodeOptions(view, HEADER, header),
    payload: bytes.subarray(header),
  };
}

/** Writes the header to the start of a buffer of `LARGEST_HEADER` bytes at least; answers where the payload goes. */
export function encodeHeader(into: Uint8Array, segment: SegmentHeader): number {
  const view = new DataView(into.buffer, into.byteOffset, into.length);
  const length = HEADER + optionsLength(segment.options);
  view.setUint16(0, segment.sourcePort);
  view.setUint16(2, segment.destinationPort);
  view.setUint32(4, segment.sequence);
  view.setUint32(8, segment.acknowledgement);
  view.setUint16(12, (length << 10) | segment.flags);
  view.setUint16(14, segment.window);
  view.setUint32(16, 0);
  encodeOptions(view, HEADER, segment.options);
  return length;
}

/** Puts the checksum into a segment that is complete but for it. */
export function sealSegment(source: Address, destination: Address, segment: Uint8Array): void {
  const sum = checksum(segment, pseudoHeaderSum(source, destination, TCP, segment.length));
  segment[16] = sum >>> 8;
  segment[17] = sum & 0xff;
}
