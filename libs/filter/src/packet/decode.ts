import { u8 } from './big-endian.js';
import { decodeIpv4 } from './decode-ipv4.js';
import { decodeIpv6 } from './decode-ipv6.js';
import { decodeTransport } from './decode-transport.js';
import type { Decoded, Extent } from './decoded.js';
import type { PacketHeaders } from './headers.js';

/** Reads the headers of the packet in `bytes[offset, offset + length)`; more bytes than the packet has are ignored. */
export function decode(
  headers: PacketHeaders,
  bytes: Uint8Array,
  offset: number,
  length: number,
  extent: Extent = 'whole',
): Decoded {
  headers.clear();
  if (length < 1 || offset < 0 || offset + length > bytes.length) return 'malformed';
  const version = u8(bytes, offset) >> 4;
  const limit = offset + length;
  const ip =
    version === 4
      ? decodeIpv4(headers, bytes, offset, limit, extent)
      : version === 6
        ? decodeIpv6(headers, bytes, offset, limit, extent)
        : 'malformed';
  return ip === 'ok' && headers.fragment !== 'later' ? decodeTransport(headers, bytes, extent) : ip;
}
