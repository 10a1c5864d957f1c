import { u8, u16 } from './big-endian.js';
import type { Decoded, Extent } from './decoded.js';
import { type PacketHeaders, readAddress } from './headers.js';

// RFC 791, section 3.1.
const SHORTEST_HEADER = 20;
const MORE_FRAGMENTS = 0x2000;
const FRAGMENT_OFFSET = 0x1fff;
const OPTION = { end: 0, noOperation: 1, looseSourceRoute: 131, strictSourceRoute: 137 } as const;

export function decodeIpv4(
  headers: PacketHeaders,
  bytes: Uint8Array,
  offset: number,
  limit: number,
  extent: Extent,
): Decoded {
  if (limit - offset < SHORTEST_HEADER) return 'malformed';
  const headerLength = (u8(bytes, offset) & 15) * 4;
  const total = u16(bytes, offset + 2);
  if (headerLength < SHORTEST_HEADER || total < headerLength) return 'malformed';
  if (offset + (extent === 'whole' ? total : headerLength) > limit) return 'malformed';

  headers.family = 4;
  headers.protocol = u8(bytes, offset + 9);
  readAddress(headers.source, 4, bytes, offset + 12);
  readAddress(headers.destination, 4, bytes, offset + 16);
  headers.transport = offset + headerLength;
  headers.end = Math.min(offset + total, limit);
  const fragment = u16(bytes, offset + 6);
  const position = fragment & FRAGMENT_OFFSET;
  if (position !== 0 || fragment & MORE_FRAGMENTS) {
    headers.fragment = position === 0 ? 'first' : 'later';
    headers.fragmentId = u16(bytes, offset + 4);
    if (position === 1) return 'malformed'; // would lie over the TCP flags that were judged (RFC 3128)
  }
  return headerLength > SHORTEST_HEADER ? checkOptions(bytes, offset + SHORTEST_HEADER, offset + headerLength) : 'ok';
}

function checkOptions(bytes: Uint8Array, from: number, end: number): Decoded {
  for (let at = from; at < end; ) {
    const option = u8(bytes, at);
    if (option === OPTION.end) return 'ok';
    if (option === OPTION.noOperation) {
      at++;
      continue;
    }
    if (option === OPTION.looseSourceRoute || option === OPTION.strictSourceRoute) return 'forbidden'; // RFC 7126
    const length = at + 1 < end ? u8(bytes, at + 1) : 0;
    if (length < 2 || at + length > end) return 'malformed';
    at += length;
  }
  return 'ok';
}
