import { i32, u8, u16 } from './big-endian.js';
import type { Decoded, Extent } from './decoded.js';
import { type PacketHeaders, readAddress } from './headers.js';
import { AUTHENTICATION, DESTINATION_OPTIONS, FRAGMENT, HOP_BY_HOP, ROUTING } from './protocol-numbers.js';

// RFC 8200, section 3.
const HEADER = 40;
// Real packets have two or three; the bound keeps the work per packet constant.
const MOST_EXTENSIONS = 8;

export function decodeIpv6(
  headers: PacketHeaders,
  bytes: Uint8Array,
  offset: number,
  limit: number,
  extent: Extent,
): Decoded {
  if (limit - offset < HEADER) return 'malformed';
  const total = HEADER + u16(bytes, offset + 4);
  if (extent === 'whole' && offset + total > limit) return 'malformed';
  headers.family = 6;
  readAddress(headers.source, 6, bytes, offset + 8);
  readAddress(headers.destination, 6, bytes, offset + 24);
  headers.end = Math.min(offset + total, limit);
  return skipExtensions(headers, bytes, u8(bytes, offset + 6), offset + HEADER);
}

function skipExtensions(headers: PacketHeaders, bytes: Uint8Array, first: number, from: number): Decoded {
  let next = first;
  let at = from;
  for (let count = 0; count <= MOST_EXTENSIONS; count++) {
    if (!isExtension(next)) {
      headers.protocol = next;
      headers.transport = at;
      return 'ok';
    }
    if (at + 8 > headers.end || (next === HOP_BY_HOP && count > 0)) return 'malformed'; // only ever first: 4.1
    const following = u8(bytes, at);
    // Segments left to visit: a source route (RFC 5095 on type 0; the later types are for closed domains).
    if (next === ROUTING && u8(bytes, at + 3) !== 0) return 'forbidden';
    if (next === FRAGMENT) {
      if (headers.fragment !== 'none') return 'malformed';
      if (readFragment(headers, bytes, at) === 'later') {
        // What is behind here is the middle of a packet. Its protocol is that of the first fragment, or an extension.
        headers.protocol = following;
        headers.transport = at + 8;
        return u16(bytes, at + 2) >> 3 === 1 ? 'malformed' : 'ok'; // as for IPv4
      }
    }
    at += lengthOf(next, u8(bytes, at + 1));
    next = following;
    if (at > headers.end) return 'malformed';
  }
  return 'malformed';
}

function readFragment(headers: PacketHeaders, bytes: Uint8Array, at: number): PacketHeaders['fragment'] {
  const position = u16(bytes, at + 2);
  // An atomic fragment (offset 0, none to follow) is a whole packet: RFC 6946.
  if (position >> 3 === 0 && (position & 1) === 0) return 'none';
  headers.fragment = position >> 3 === 0 ? 'first' : 'later';
  headers.fragmentId = i32(bytes, at + 4);
  return headers.fragment;
}

const isExtension = (protocol: number): boolean =>
  protocol === HOP_BY_HOP ||
  protocol === ROUTING ||
  protocol === FRAGMENT ||
  protocol === AUTHENTICATION ||
  protocol === DESTINATION_OPTIONS;

/** The bytes of an extension header whose length field holds `field`: section 4, and RFC 4302 for authentication. */
function lengthOf(protocol: number, field: number): number {
  if (protocol === FRAGMENT) return 8;
  return protocol === AUTHENTICATION ? (field + 2) * 4 : (field + 1) * 8;
}
