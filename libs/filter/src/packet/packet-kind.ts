import { type AddressWords, type PacketHeaders } from './headers.js';
import { ICMP, ICMP_TYPE, ICMPV6, ICMPV6_TYPE, TCP, TCP_FLAG } from './protocol-numbers.js';

/**
 * What a packet is to connection tracking.
 * - `open`: it may begin a flow
 * - `continue`: it can only belong to a flow that exists, though a rule may take it up in the middle
 * - `reply`: an ICMP echo reply, worth nothing without the request
 * - `error`: an ICMP error, which quotes the packet that it is about
 * - `forbidden`: ICMP that configures hosts (redirects, router and neighbour discovery): nothing for a mesh to carry
 */
export type PacketKind = 'open' | 'continue' | 'reply' | 'error' | 'forbidden';

export function kindOf({ protocol, icmpType, tcpFlags }: PacketHeaders): PacketKind {
  if (protocol === TCP) return (tcpFlags & (TCP_FLAG.syn | TCP_FLAG.ack)) === TCP_FLAG.syn ? 'open' : 'continue';
  if (protocol === ICMP) return icmpKind(icmpType);
  return protocol === ICMPV6 ? icmpv6Kind(icmpType) : 'open';
}

function icmpKind(type: number): PacketKind {
  const { echo, echoReply, unreachable, timeExceeded, parameterProblem } = ICMP_TYPE;
  if (type === echo) return 'open';
  if (type === echoReply) return 'reply';
  return type === unreachable || type === timeExceeded || type === parameterProblem ? 'error' : 'forbidden';
}

function icmpv6Kind(type: number): PacketKind {
  const { echo, echoReply, unreachable, parameterProblem } = ICMPV6_TYPE;
  if (type === echo) return 'open';
  if (type === echoReply) return 'reply';
  return type >= unreachable && type <= parameterProblem ? 'error' : 'forbidden';
}

/** Whether an address can be the source of a packet from another host (RFC 1122, 3.2.1.3; RFC 4291, 2.5-2.7). */
export function isUnicastSource(family: 4 | 6, words: AddressWords): boolean {
  const first = words[0] as number;
  if (family === 4) {
    const octet = first >>> 24;
    return octet !== 0 && octet !== 127 && octet < 224;
  }
  if (first >>> 24 === 0xff) return false;
  const unspecifiedOrLoopback = first === 0 && words[1] === 0 && words[2] === 0 && (words[3] as number) >>> 1 === 0;
  return !unspecifiedOrLoopback;
}
