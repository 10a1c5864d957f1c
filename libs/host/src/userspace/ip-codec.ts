import type { Fragment, IpPacket } from './ip-packet.js';
import { decodeIpv4, encodeIpv4 } from './ipv4.js';
import { decodeIpv6, encodeIpv6 } from './ipv6.js';

/** What the bytes are, or undefined when they are no proper packet. The payload shares their memory. */
export function decodeIp(bytes: Uint8Array): IpPacket | Fragment | undefined {
  const version = (bytes[0] ?? 0) >> 4;
  if (version === 4) return decodeIpv4(bytes);
  return version === 6 ? decodeIpv6(bytes) : undefined;
}

/**
 * The bytes of a packet, in fragments where it is larger than the MTU.
 * @param id tells the fragments of this packet from those of others between the same hosts
 */
export const encodeIp = (packet: IpPacket, mtu: number, id: number): Uint8Array[] =>
  packet.source.length === 4 ? encodeIpv4(packet, mtu, id) : encodeIpv6(packet, mtu, id);
