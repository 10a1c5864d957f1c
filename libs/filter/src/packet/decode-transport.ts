import { u8, u16 } from './big-endian.js';
import type { Decoded, Extent } from './decoded.js';
import type { PacketHeaders } from './headers.js';
import { hasPorts, ICMP, ICMP_TYPE, ICMPV6, ICMPV6_TYPE, TCP, TCP_FLAG, UDP } from './protocol-numbers.js';

const TCP_HEADER = 20;

/** Reads the transport header at `headers.transport`. A first fragment must hold all of it (RFC 1858, RFC 7112). */
export function decodeTransport(headers: PacketHeaders, bytes: Uint8Array, extent: Extent): Decoded {
  const { protocol, family, transport: at } = headers;
  const available = headers.end - at;
  if (protocol === ICMP || protocol === ICMPV6) {
    // Each belongs to one family; crossed over, it would be a way past rules that name the other.
    if ((protocol === ICMP) !== (family === 4) || available < 8) return 'malformed';
    headers.icmpType = u8(bytes, at);
    if (isEcho(protocol, headers.icmpType)) headers.icmpId = u16(bytes, at + 4);
    return 'ok';
  }
  if (!hasPorts(protocol)) return 'ok';
  if (available < 8) return 'malformed';
  headers.sourcePort = u16(bytes, at);
  headers.destinationPort = u16(bytes, at + 2);
  if (extent === 'quoted') return 'ok';
  if (protocol === TCP) {
    if (available < TCP_HEADER || (u8(bytes, at + 12) >> 4) * 4 < TCP_HEADER) return 'malformed';
    headers.tcpFlags = u8(bytes, at + 13);
    const { syn, fin, rst } = TCP_FLAG;
    if (headers.tcpFlags & syn && headers.tcpFlags & (fin | rst)) return 'malformed'; // neither a beginning nor an end
  }
  if (protocol === UDP && headers.fragment === 'none' && !fits(u16(bytes, at + 4), available)) return 'malformed';
  return 'ok';
}

const isEcho = (protocol: number, type: number): boolean =>
  protocol === ICMP
    ? type === ICMP_TYPE.echo || type === ICMP_TYPE.echoReply
    : type === ICMPV6_TYPE.echo || type === ICMPV6_TYPE.echoReply;

/** Whether a UDP length is possible here (RFC 768). */
const fits = (length: number, available: number): boolean => length >= 8 && length <= available;
